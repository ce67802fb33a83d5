import type { Resource } from "../fleet/resource.ts";
import { ofType } from "../fleet/resource.ts";
import { type Bill, type BillInput, billOf } from "./bill.ts";
import { priceOf } from "./price-book.ts";
import { alwaysOn, onlyNodesSleep, wakingOn } from "./variants.ts";

const MONTHS = 12;
/** What AWS gives away each month before transfer out is billed. */
const FREE_EGRESS_GB = 100;

/** One saving of the guide: what it claims, and what this plan is worth beside the alternative. */
export interface Saving {
  readonly name: string;
  readonly claim: string;
  readonly without: number;
  readonly with: number;
  readonly note: string;
}

type Inputs = ReadonlyMap<string, BillInput>;

export function savingsOf(inputs: Inputs, bills: ReadonlyMap<string, Bill>): readonly Saving[] {
  const prod = inputs.get("prod");
  const preprod = inputs.get("preprod");
  const dev = inputs.get("dev");
  return [
    ...(prod ? [natSaving(prod, bills.get("prod"))] : []),
    ...(preprod ? schedulerSavings(preprod) : []),
    ...(prod ? [mediaSaving(prod)] : []),
    ...(dev ? [spotSaving(dev)] : []),
  ];
}

function natSaving(input: BillInput, bill: Bill | undefined): Saving {
  const usd = (key: string) => priceOf(input.book, key, "the saving on NAT").usd;
  const gateways = ofType(input.resources, "aws_eip").length;
  const out = input.traffic.environments[input.environment]?.out_gb ?? 0;
  const hours = 8760 / MONTHS;
  return {
    name: "routers instead of NAT Gateways (prod)",
    claim: "about 58 USD a month",
    without:
      gateways * (usd("vpc:nat-gateway-hour") + usd("vpc:public-ipv4")) * hours + out * usd("vpc:nat-gateway-gb"),
    with: (bill?.lines ?? [])
      .filter(({ address }) => address.startsWith("module.router."))
      .reduce((sum, line) => sum + line.monthlyUsd, 0),
    note: "routers with their disks, alarms, lease table and four public addresses",
  };
}

function schedulerSavings(input: BillInput): Saving[] {
  const total = (resources: readonly Resource[]) => billOf({ ...input, resources }).total;
  const always = total(alwaysOn(input.resources));
  const saving = (name: string, resources: readonly Resource[], note: string): Saving => ({
    name,
    claim: "about 70 % of the preprod bill",
    without: always,
    with: total(resources),
    note,
  });
  return [
    saving(
      "preprod asleep, as configured",
      input.resources,
      "nodes, routers and database; balancer, cache and storage never sleep",
    ),
    saving(
      "preprod asleep, awake every day",
      wakingOn(input.resources, "*"),
      "the guide's nightly stop with weekends on",
    ),
    saving(
      "preprod asleep, nodes only, every day",
      onlyNodesSleep(wakingOn(input.resources, "*")),
      "the guide's aws_autoscaling_schedule alone",
    ),
  ];
}

function mediaSaving({ book, traffic: { media } }: BillInput): Saving {
  const usd = (key: string) => priceOf(book, key, "the saving on media").usd;
  return {
    name: "R2 instead of S3 for pictures",
    claim: "varies with traffic",
    without: media.stored_gb * usd("s3:storage") + Math.max(0, media.read_gb - FREE_EGRESS_GB) * usd("s3:egress"),
    with: media.stored_gb * usd("r2:storage") + media.class_a * usd("r2:class-a") + media.class_b * usd("r2:class-b"),
    note: `${media.stored_gb} GB kept, ${media.read_gb} GB read; R2's own free allowance is not counted`,
  };
}

function spotSaving(input: BillInput): Saving {
  const lines = billOf(input).lines.filter(({ price }) => price.startsWith("spot:"));
  const spot = lines.reduce((sum, line) => sum + line.monthlyUsd, 0);
  const demand = lines.reduce(
    (sum, line) => sum + line.quantity * priceOf(input.book, line.price.replace("spot:", "ec2:"), line.address).usd,
    0,
  );
  return {
    name: "Spot in dev",
    claim: "60 to 70 % of dev's compute",
    without: demand,
    with: spot,
    note: "nodes only, with dev's own schedule",
  };
}

import { join } from "node:path";
import { expect, test } from "vitest";
import { inventory } from "../bootstrap/inventory.ts";
import { ENVIRONMENTS, recorded } from "../fleet/plans.ts";
import type { Resource } from "../fleet/resource.ts";
import { billOf } from "./bill.ts";
import { edgeResources } from "./edge.ts";
import { readPriceBook, staleness } from "./price-book.ts";
import { reportOf } from "./report.ts";
import { readTraffic } from "./traffic.ts";
import { alwaysOn, parked, wakingOn } from "./variants.ts";

const book = await readPriceBook(join(import.meta.dirname, "prices.json"));
const traffic = await readTraffic(join(import.meta.dirname, "traffic.json"));
const plans = await Promise.all(ENVIRONMENTS.map((environment) => recorded(environment, "a test")));
const [prod, preprod] = plans;
const year = 2026;
const bill = (environment: string, resources: readonly Resource[]) =>
  billOf({ environment, resources, traffic, book, year });

const edge = await edgeResources(ENVIRONMENTS);

function whole() {
  const account = { environment: "account", resources: inventory(ENVIRONMENTS), from: "bootstrap" };
  return reportOf({
    inputs: [...plans, account, edge],
    terms: { traffic, book, year },
    asOf: "2026-11-01",
    limit: 500,
    warnings: [],
  });
}

test("the whole platform costs less than 500, with declared traffic of 50 GB out and 20 GB between zones", () => {
  const { total, headroom, environments } = whole();
  expect(total).toBeLessThanOrEqual(500);
  expect(total).toBeGreaterThan(350);
  expect(headroom).toBeCloseTo(500 - total, 6);
  const gigabytes = (price: string) =>
    environments
      .flatMap(({ lines }) => lines)
      .filter((line) => line.price === price)
      .reduce((sum, line) => sum + line.quantity, 0);
  expect([gigabytes("transfer:out"), gigabytes("transfer:between-zones")]).toEqual([50, 20]);
});

test("every line names an address of its plan and a known source, and every resource is priced or free with a reason", () => {
  for (const { environment, resources } of plans) {
    const { lines, free } = bill(environment, resources);
    const addresses = new Set(resources.map(({ address }) => address));
    expect(lines.filter((line) => !addresses.has(line.address) || !(line.source in book.sources))).toEqual([]);
    const said = new Set([...lines, ...free].map(({ address }) => address));
    expect(resources.map(({ address }) => address).filter((address) => !said.has(address))).toEqual(
      resources
        .filter(({ type }) => type === "aws_dynamodb_table" && environment === "dev")
        .map(({ address }) => address),
    );
  }
});

test("the edge is one Pro plan and two buckets for each environment", () => {
  const { lines, total } = bill("edge", edge.resources);
  expect(lines.filter(({ price }) => price === "cloudflare:pro").map(({ address }) => address)).toEqual([
    "cloudflare_zone_subscription.this",
  ]);
  expect(new Set(lines.filter(({ price }) => price.startsWith("r2:")).map(({ address }) => address)).size).toBe(6);
  expect(total).toBeCloseTo(25 + 50 * 0.015 + 200_000 * 4.5e-6 + 5_000_000 * 3.6e-7, 6);
});

test("prod's routers count four public addresses, two of them on the first interfaces", () => {
  const addresses = bill("prod", prod!.resources).lines.filter(
    ({ price, address }) => price === "vpc:public-ipv4" && address.startsWith("module.router."),
  );
  expect(addresses.map(({ monthlyUsd }) => monthlyUsd)).toEqual([3.65, 3.65, 3.65, 3.65]);
});

test("a stopped database still pays for its disk, and a parked environment for little else", () => {
  const database = bill("preprod", preprod!.resources).lines.filter(
    ({ address }) => address === "module.data.aws_db_instance.this",
  );
  expect(database.find(({ price }) => price === "rds:gp3")?.monthlyUsd).toBeCloseTo(2 * 20 * 0.133, 6);
  expect(database.find(({ price }) => price === "rds:db.t4g.small")?.quantity).toBeCloseTo((2 * 261 * 10.75) / 12, 0);
  expect(bill("preprod", parked(preprod!.resources)).total).toBeLessThan(20);
});

test("sleeping on weekdays saves more than every night, and that more than nothing", () => {
  const cost = (resources: readonly Resource[]) => bill("preprod", resources).total;
  const [weekdays, daily, always] = [
    cost(preprod!.resources),
    cost(wakingOn(preprod!.resources, "*")),
    cost(alwaysOn(preprod!.resources)),
  ];
  expect(weekdays).toBeLessThan(daily);
  expect(daily).toBeLessThan(always);
});

test("an unknown resource, type or environment is an error that names it, never zero", () => {
  const strange: Resource = { address: "aws_nat_gateway.x", type: "aws_nat_gateway", name: "x", values: {} };
  expect(() => bill("prod", [strange])).toThrow(/cannot be priced/);
  const big = prod!.resources.map((resource) =>
    resource.type === "aws_launch_template"
      ? {
          address: resource.address,
          type: resource.type,
          name: resource.name,
          values: { ...resource.values, instance_type: "m7i.large" },
        }
      : resource,
  );
  expect(() => bill("prod", big)).toThrow(/no price for ec2:m7i.large/);
});

test("prices older than 180 days warn, and fail where they must be fresh", () => {
  expect(staleness(book, new Date("2027-04-07T00:00:00Z"), true)).toBeUndefined();
  expect(staleness(book, new Date("2027-04-08T00:00:00Z"), false)).toMatch(/181 days/);
  expect(() => staleness(book, new Date("2027-04-08T00:00:00Z"), true)).toThrow(/too old/);
});

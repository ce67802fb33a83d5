import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { type Resource } from "../fleet/resource.ts";
import { yearHours } from "./calendar.ts";
import { FREE } from "./free.ts";
import { type PriceBook, priceOf } from "./price-book.ts";
import { RULES } from "./rules.ts";
import { awakeHoursByGroup, type Schedules } from "./schedules.ts";
import type { EnvironmentTraffic, Traffic } from "./traffic.ts";

const MONTHS = 12;

/** One priced item of one resource; `quantity` is a month's mean. */
export interface Line {
  readonly address: string;
  readonly item: string;
  readonly quantity: number;
  readonly unit: string;
  readonly price: string;
  readonly unitUsd: number;
  readonly monthlyUsd: number;
  readonly source: string;
}

export interface Bill {
  readonly environment: string;
  readonly total: number;
  readonly lines: readonly Line[];
  /** What costs nothing, with the reason by type. */
  readonly free: ReadonlyArray<{ readonly address: string; readonly why: string }>;
}

/** What a rule asks for: some of a priced thing a month. `yearly` amounts are hours of the year. */
export interface Use {
  readonly item: string;
  readonly price: string;
  readonly monthly?: number;
  readonly yearly?: number;
}

export interface Context {
  readonly resources: readonly Resource[];
  readonly traffic: EnvironmentTraffic;
  readonly shared: Traffic;
  readonly schedules: Schedules;
  readonly hours: number;
}

export interface BillInput {
  readonly environment: string;
  readonly resources: readonly Resource[];
  readonly traffic: Traffic;
  readonly book: PriceBook;
  readonly year: number;
}

/** Prices every resource; a type that is neither priced nor known to be free is an error. */
export function billOf({ environment, resources, traffic, book, year }: BillInput): Bill {
  const own = traffic.environments[environment] ?? Object.values(traffic.environments)[0];
  if (!own) throw noTraffic(environment);
  refuseUnknown(resources);
  const schedules = awakeHoursByGroup(resources, year);
  const context = { resources, traffic: own, shared: traffic, schedules, hours: yearHours(year) };
  const lines = resources.flatMap((resource) =>
    (RULES[resource.type]?.(resource, context) ?? [])
      .filter(({ monthly = 0, yearly = 0 }) => monthly + yearly > 0)
      .map((use) => lineOf(use, resource.address, book)),
  );
  return {
    environment,
    lines,
    total: lines.reduce((sum, line) => sum + line.monthlyUsd, 0),
    free: resources.flatMap(({ address, type }) => (FREE[type] ? [{ address, why: FREE[type] }] : [])),
  };
}

function lineOf(use: Use, address: string, book: PriceBook): Line {
  const price = priceOf(book, use.price, address);
  const quantity = use.monthly ?? (use.yearly ?? 0) / MONTHS;
  return {
    address,
    item: use.item,
    quantity,
    unit: price.per,
    price: use.price,
    unitUsd: price.usd,
    monthlyUsd: quantity * price.usd,
    source: price.source,
  };
}

function refuseUnknown(resources: readonly Resource[]): void {
  const unknown = resources.filter(({ type }) => !RULES[type] && !FREE[type]);
  if (unknown.length === 0) return;
  throw new ConfigurationError("cost: the plan holds resources that cannot be priced", {
    code: "cost.unpriced",
    why: "an unknown resource must not count as free:",
    fix: "add a rule to scripts/cost/rules.ts, or its reason to scripts/cost/free.ts",
    problems: unknown.map(({ address, type }) => `${address} (${type})`),
  });
}

function noTraffic(environment: string): ConfigurationError {
  return new ConfigurationError(`cost: no traffic is declared for ${environment}`, {
    code: "cost.traffic",
    why: "a bill without traffic would be too low",
    fix: "add the environment to scripts/cost/traffic.json",
  });
}

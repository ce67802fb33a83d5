import type { Planned } from "../fleet/plans.ts";
import { type Bill, type BillInput, billOf, type Line } from "./bill.ts";
import { type Busier, busier, VAT } from "./busier.ts";
import { type Saving, savingsOf } from "./savings.ts";
import { parked, wakingOn } from "./variants.ts";

/** Everything the command prints, in one value: table, JSON and HTML are views of it. */
export interface Report {
  readonly asOf: string;
  readonly pricesRead: string;
  readonly year: number;
  readonly currency: "USD";
  readonly limit: number;
  readonly total: number;
  readonly headroom: number;
  /** The limit is before tax, as the prices are. */
  readonly withTax: { readonly rate: number; readonly total: number };
  readonly largest: ReadonlyArray<{ environment: string; address: string; item: string; monthlyUsd: number }>;
  readonly environments: ReadonlyArray<Bill & { readonly from: string }>;
  readonly variants: ReadonlyArray<{ readonly name: string; readonly total: number }>;
  readonly busier: readonly Busier[];
  readonly savings: readonly Saving[];
  readonly sources: Readonly<Record<string, string>>;
  readonly warnings: readonly string[];
}

export interface ReportInput {
  readonly inputs: readonly Planned[];
  /** What all environments are priced with. */
  readonly terms: Omit<BillInput, "environment" | "resources">;
  readonly asOf: string;
  readonly limit: number;
  readonly warnings: readonly string[];
}

export function reportOf({ inputs, terms, asOf, limit, warnings }: ReportInput): Report {
  const environments = inputs.map(({ environment, resources, from }) => ({
    from,
    ...billOf({ environment, resources, ...terms }),
  }));
  const total = environments.reduce((sum, bill) => sum + bill.total, 0);
  const byName = new Map<string, BillInput>();
  for (const { environment, resources } of inputs) byName.set(environment, { environment, resources, ...terms });
  const bills = new Map(environments.map((bill) => [bill.environment, bill]));
  return {
    asOf,
    pricesRead: terms.book.read,
    year: terms.year,
    currency: "USD",
    limit,
    total,
    headroom: limit - total,
    withTax: { rate: VAT, total: total * (1 + VAT) },
    largest: largest(environments, 3),
    environments,
    variants: variantsOf(byName, total),
    busier: busier(byName, total),
    savings: savingsOf(byName, bills),
    sources: terms.book.sources,
    warnings,
  };
}

function largest(bills: readonly Bill[], count: number) {
  return bills
    .flatMap(({ environment, lines }) => lines.map((line: Line) => ({ environment, ...line })))
    .toSorted((a, b) => b.monthlyUsd - a.monthlyUsd)
    .slice(0, count)
    .map(({ environment, address, item, monthlyUsd }) => ({ environment, address, item, monthlyUsd }));
}

// What the whole would cost if preprod were run in another way.
function variantsOf(inputs: ReadonlyMap<string, BillInput>, total: number) {
  const preprod = inputs.get("preprod");
  if (!preprod) return [];
  const instead = (resources: BillInput["resources"]) => billOf({ ...preprod, resources }).total;
  const others = total - billOf(preprod).total;
  return [
    { name: "preprod awake MON-FRI", total: others + instead(wakingOn(preprod.resources, "MON-FRI")) },
    { name: "preprod awake every day", total: others + instead(wakingOn(preprod.resources, "*")) },
    { name: "preprod parked (-var parked=true)", total: others + instead(parked(preprod.resources)) },
  ];
}

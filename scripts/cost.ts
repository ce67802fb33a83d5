import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { EXIT, UnhealthyError, UsageError } from "../node-agent/src/errors.ts";
import { inventory } from "./bootstrap/inventory.ts";
import { edgeResources } from "./cost/edge.ts";
import { htmlOf } from "./cost/html.ts";
import { type PriceBook, readPriceBook, staleness } from "./cost/price-book.ts";
import { type Report, reportOf } from "./cost/report.ts";
import { tableOf } from "./cost/table.ts";
import { readTraffic } from "./cost/traffic.ts";
import { ENVIRONMENTS, type Planned, planFleet, planFromFile } from "./fleet/plans.ts";

const FOLDER = join(import.meta.dirname, "cost");

const OPTIONS = {
  plan: { type: "string", multiple: true },
  json: { type: "boolean" },
  html: { type: "string" },
  "as-of": { type: "string" },
  "strict-prices": { type: "boolean" },
  prices: { type: "string" },
  traffic: { type: "string" },
  year: { type: "string" },
  limit: { type: "string" },
} as const;

/** `./greenleaf cost [ENV|all]`: prices the planned fleet; exit 69 above the limit. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values, positionals } = parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  const names = environmentsOf(positionals[0] ?? "all");
  const asOf = dateOf(values["as-of"]);
  const book = await readPriceBook(values.prices ?? join(FOLDER, "prices.json"));
  const warning = staleness(book, asOf, values["strict-prices"] === true);
  const planned = values.plan ? await Promise.all(values.plan.map(planFromFile)) : await planAll(names);
  const traffic = await readTraffic(values.traffic ?? join(FOLDER, "traffic.json"));
  const report = reportOf({
    inputs: planned,
    terms: { traffic, book, year: numberOf("year", values.year) ?? priceYear(book) },
    asOf: asOf.toISOString().slice(0, 10),
    limit: numberOf("limit", values.limit) ?? 500,
    warnings: warning === undefined ? [] : [warning],
  });
  if (values.html !== undefined) await writeFile(values.html, htmlOf(report));
  process.stdout.write(`${values.json ? JSON.stringify(report, null, 2) : tableOf(report)}\n`);
  refuseOverLimit(report);
  return EXIT.ready;
}

const priceYear = (book: PriceBook): number => Number(book.read.slice(0, 4));

// The account's own things and the edge belong to the whole, not to one environment.
async function planAll(names: readonly string[]): Promise<readonly Planned[]> {
  const fleet = await planFleet(names);
  if (names.length < ENVIRONMENTS.length) return fleet;
  const account = { environment: "account", resources: inventory(names), from: "what scripts/bootstrap.sh makes" };
  return [...fleet, account, await edgeResources(names)];
}

function environmentsOf(name: string): readonly string[] {
  if (name === "all") return ENVIRONMENTS;
  const known = ENVIRONMENTS.find((environment) => environment === name);
  if (known) return [known];
  throw new UsageError(`cost: there is no environment "${name}"`, {
    why: `there are ${ENVIRONMENTS.join(", ")} and all`,
    fix: "see ./greenleaf cost --help",
  });
}

function dateOf(text: string | undefined): Date {
  const date = text === undefined ? new Date() : new Date(`${text}T00:00:00Z`);
  if (!Number.isNaN(date.getTime())) return date;
  throw new UsageError(`cost: "${text}" is not a date`, {
    why: "--as-of wants one",
    fix: "use a form like 2026-10-09",
  });
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`cost: --${name} "${text}" is not a number`, {
    why: "it must be above 0",
    fix: `use --${name} 500`,
  });
}

function refuseOverLimit({ total, limit, largest }: Report): void {
  if (total <= limit) return;
  throw new UnhealthyError(`cost: the plan costs ${total.toFixed(2)} USD a month, above the limit of ${limit}`, {
    why: "its largest lines:",
    fix: "choose smaller types, a schedule or fewer nodes in terraform/envs/*.tfvars, or park preprod (-var parked=true)",
    problems: largest.map((line) => `${line.monthlyUsd.toFixed(2)} ${line.environment} ${line.address}: ${line.item}`),
  });
}

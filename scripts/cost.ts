import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UnhealthyError, UsageError } from "../node-agent/src/base/errors.ts";
import { inventory } from "./bootstrap/inventory.ts";
import { isSet, textOf } from "./cli/command.ts";
import { edgeResources } from "./cost/edge.ts";
import { htmlOf } from "./cost/html.ts";
import { type PriceBook, readPriceBook, staleness } from "./cost/price-book.ts";
import { type Report, reportOf } from "./cost/report.ts";
import { tableOf } from "./cost/table.ts";
import { readTraffic } from "./cost/traffic.ts";
import { ENVIRONMENTS, type Planned, planFleet, planFromFile, unknownEnvironment } from "./fleet/plans.ts";

const FOLDER = join(import.meta.dirname, "cost");

/** `./greenleaf cost [ENV|all]`: prices the planned fleet; exit 69 above the limit. */
export async function cost(line: ParsedCommandLine): Promise<number> {
  const given = (name: string): string | undefined => textOf(line, name);
  const names = environmentsOf(line.positionals[0] ?? "all");
  const { plan: plans } = line.options;
  const asOf = dateOf(given("as-of"));
  const book = await readPriceBook(given("prices") ?? join(FOLDER, "prices.json"));
  const warning = staleness(book, asOf, isSet(line, "strict-prices"));
  const planned = typeof plans === "object" ? await Promise.all(plans.map(planFromFile)) : await planAll(names);
  const traffic = await readTraffic(given("traffic") ?? join(FOLDER, "traffic.json"));
  const report = reportOf({
    inputs: planned,
    terms: { traffic, book, year: numberOf("year", given("year")) ?? priceYear(book) },
    asOf: asOf.toISOString().slice(0, 10),
    limit: numberOf("limit", given("limit")) ?? 500,
    warnings: warning === undefined ? [] : [warning],
  });
  const html = given("html");
  if (html !== undefined) await writeFile(html, htmlOf(report));
  process.stdout.write(`${isSet(line, "json") ? JSON.stringify(report, null, 2) : tableOf(report)}\n`);
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
  throw unknownEnvironment("cost", name, { fix: "see ./greenleaf cost --help", others: " and all" });
}

function dateOf(text: string | undefined): Date {
  const date = text === undefined ? new Date() : new Date(`${text}T00:00:00Z`);
  if (!Number.isNaN(date.getTime())) return date;
  throw new UsageError(`cost: "${text}" is not a date`, {
    code: "usage.date",
    why: "--as-of wants one",
    fix: "use a form like 2026-10-09",
  });
}

function numberOf(name: string, text: string | undefined): number | undefined {
  if (text === undefined) return undefined;
  const value = Number(text);
  if (Number.isFinite(value) && value > 0) return value;
  throw new UsageError(`cost: --${name} "${text}" is not a number`, {
    code: "usage.number",
    why: "it must be above 0",
    fix: `use --${name} 500`,
  });
}

function refuseOverLimit({ total, limit, largest }: Report): void {
  if (total <= limit) return;
  throw new UnhealthyError(`cost: the plan costs ${total.toFixed(2)} USD a month, above the limit of ${limit}`, {
    code: "cost.limit",
    why: "its largest lines:",
    fix: "choose smaller types, a schedule or fewer nodes in terraform/envs/*.tfvars, or park preprod (-var parked=true)",
    problems: largest.map((line) => `${line.monthlyUsd.toFixed(2)} ${line.environment} ${line.address}: ${line.item}`),
  });
}

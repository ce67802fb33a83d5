import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { inventory } from "../bootstrap/inventory.ts";
import { edgeResources } from "../cost/edge.ts";
import { readPriceBook } from "../cost/price-book.ts";
import { type Report, reportOf } from "../cost/report.ts";
import { readTraffic, type Traffic } from "../cost/traffic.ts";
import { ENVIRONMENTS, recorded } from "../fleet/plans.ts";

const COST = join(import.meta.dirname, "../cost");
const LIMIT = 500;

/** The bill of the recorded plans, as `./greenleaf cost all` reckons it. */
export async function recordedBill(): Promise<{ readonly report: Report; readonly traffic: Traffic }> {
  const [book, traffic, edge] = await Promise.all([
    readPriceBook(join(COST, "prices.json")),
    readTraffic(join(COST, "traffic.json")),
    edgeResources(ENVIRONMENTS),
  ]);
  const plans = await Promise.all(ENVIRONMENTS.map((environment) => recorded(environment, "docs")));
  const account = { environment: "account", resources: inventory(ENVIRONMENTS), from: "bootstrap" };
  const terms = { traffic, book, year: Number(book.read.slice(0, 4)) };
  const inputs = [...plans, account, edge];
  return { report: reportOf({ inputs, terms, asOf: book.read, limit: LIMIT, warnings: [] }), traffic };
}

const usd = (amount: number): string => amount.toFixed(2);

/** The bill by part, then production at more traffic than was declared: before tax, with it, and beside the limit. */
export function billTables({ report, traffic }: { readonly report: Report; readonly traffic: Traffic }): string {
  const { environments, total, busier, limit, withTax, pricesRead } = report;
  const row = (name: string, amount: number) => `| ${name} | ${usd(amount)} | ${usd(amount * (1 + withTax.rate))} |`;
  const tax = `with ${withTax.rate * 100} % VAT`;
  const out = traffic.environments.prod?.out_gb ?? 0;
  const over = (amount: number) => (amount <= limit ? usd(limit - amount) : `over by ${usd(amount - limit)}`);
  return [
    `USD a month, at the prices of ${pricesRead}:`,
    "",
    `| part | before tax | ${tax} |`,
    "|---|--:|--:|",
    ...environments.map((bill) => row(bill.environment, bill.total)),
    row("**all**", total),
    "",
    `| production's load | all, before tax | ${tax} | left of ${limit} |`,
    "|---|--:|--:|--:|",
    `${row(`as declared (${out} GB out)`, total)} ${over(total)} |`,
    ...busier.map(({ name, total: amount }) => `${row(name, amount)} ${over(amount)} |`),
  ].join("\n");
}

/** The page with its tables as they are now. */
export async function costPage(path: string, begin: string, end: string): Promise<string> {
  const page = await readFile(path, "utf8");
  const [before = ""] = page.split(begin);
  const [, after = ""] = page.split(end);
  return `${before}${begin}\n\n${billTables(await recordedBill())}\n\n${end}${after}`;
}

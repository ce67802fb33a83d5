import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { RECORDED } from "../fleet/plans.ts";
import type { Resource } from "../fleet/resource.ts";
import { readPriceBook } from "./price-book.ts";
import { reportOf } from "./report.ts";
import { tableOf } from "./table.ts";
import { readTraffic } from "./traffic.ts";

const book = await readPriceBook(join(import.meta.dirname, "prices.json"));
const traffic = await readTraffic(join(import.meta.dirname, "traffic.json"));
const inputs = ["prod", "preprod", "dev"].map((environment) => ({
  environment,
  resources: JSON.parse(readFileSync(join(RECORDED, `${environment}.json`), "utf8")) as Resource[],
  from: "the recorded plan",
}));
const report = reportOf({ inputs, terms: { traffic, book, year: 2026 }, asOf: "2026-11-01", limit: 500, warnings: [] });

test("the bill is told with tax as well, and the limit is without", () => {
  expect(report.withTax.total).toBeCloseTo(report.total * 1.2, 6);
  expect(tableOf(report)).toContain(`with 20 % VAT, where you pay it`);
});

test("more traffic and steady load cost what transfer and surplus credits cost, and no more", () => {
  const [twice, five, ten, steady] = report.busier.map(({ total }) => total - report.total);
  expect(twice).toBeGreaterThan(0);
  // Everything in it grows in step: four, and nine, times what one more costs.
  expect(five).toBeCloseTo((twice ?? 0) * 4, 6);
  expect(ten).toBeCloseTo((twice ?? 0) * 9, 6);
  const surplus = 2.3 * 730 * 0.8 - 20;
  expect(steady).toBeCloseTo(surplus * 0.05, 6);
});

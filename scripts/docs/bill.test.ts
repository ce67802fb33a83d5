import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { billTables, recordedBill } from "./bill.ts";

const { report, traffic } = await recordedBill();
const tables = billTables({ report, traffic });
const rows = tables
  .split("\n")
  .filter((line) => /\d\.\d\d \|/.test(line))
  .map((line) => line.split("|").map((cell) => cell.trim()));
const amount = (cell: string | undefined) => Number(cell);

test("every amount stands before tax and with it", () => {
  expect(rows.length).toBeGreaterThanOrEqual(11);
  for (const [, name, before, after] of rows) {
    expect([name, amount(after)]).toEqual([name, expect.closeTo(amount(before) * 1.2, 1)]);
  }
});

test("the parts are all of the bill, and the bill keeps its limit before tax", () => {
  const [whole, ...more] = rows.filter(([, name]) => name === "**all**");
  const parts = rows.slice(0, rows.indexOf(whole ?? []));
  expect([more, parts.map(([, name]) => name)]).toEqual([[], ["prod", "preprod", "dev", "account", "edge"]]);
  expect(parts.reduce((sum, [, , before]) => sum + amount(before), 0)).toBeCloseTo(amount(whole?.[2]), 1);
  expect(amount(whole?.[2])).toBeLessThanOrEqual(500);
});

test("traffic is told in gigabytes, each line with what is left of the limit", () => {
  const loads = rows.slice(rows.findIndex(([, name]) => name === "**all**") + 1);
  expect(loads.map(([, name]) => /(\d+) GB out/.exec(name ?? "")?.[1])).toEqual(["42", "84", "210", "420", undefined]);
  for (const [, name, before, , left = ""] of loads) {
    const over = /^over by (.*)$/.exec(left)?.[1];
    const told = over === undefined ? amount(left) : -amount(over);
    expect([name, told]).toEqual([name, expect.closeTo(500 - amount(before), 1)]);
  }
});

test("a line above the limit says by how much", () => {
  const busier = [{ name: "busy", total: 512.5 }];
  expect(billTables({ report: { ...report, busier }, traffic })).toContain(
    "| busy | 512.50 | 615.00 | over by 12.50 |",
  );
});

test("the page of costs holds these tables", () => {
  expect(readFileSync(join(import.meta.dirname, "../../docs/cost.md"), "utf8")).toContain(tables);
});

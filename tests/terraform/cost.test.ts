import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { delimiter, join } from "node:path";
import { afterAll, expect, test } from "vitest";
import type { Report } from "../../scripts/cost/report.ts";
import { RECORDED } from "../../scripts/fleet/plans.ts";
import type { Resource } from "../../scripts/fleet/resource.ts";

const PROGRAM = join(import.meta.dirname, "../../greenleaf");
const folder = await mkdtemp(join(tmpdir(), "greenleaf-cost-"));
afterAll(() => rm(folder, { recursive: true, force: true }));
// The recorded plans are today's (house.test.ts); without terraform on the path they are what is priced.
const PATH = (process.env.PATH ?? "")
  .split(delimiter)
  .filter((part) => !existsSync(join(part, "terraform")))
  .join(delimiter);

interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

function cost(...args: readonly string[]): Promise<Ran> {
  return new Promise((resolve) => {
    execFile(PROGRAM, ["cost", ...args], { env: { ...process.env, PATH } }, (error, stdout, stderr) => {
      resolve({ code: error ? Number(error.code) : 0, stdout, stderr });
    });
  });
}

test("the platform's bill is below 500, and each line leads to an address of a plan and to a source", async () => {
  const { code, stdout } = await cost("all", "--json");
  expect(code).toBe(0);
  const report = JSON.parse(stdout) as Report;
  expect(report.total).toBeLessThanOrEqual(500);
  const lines = report.environments.flatMap((environment) => environment.lines);
  expect(lines.reduce((sum, { monthlyUsd }) => sum + monthlyUsd, 0)).toBeCloseTo(report.total, 6);
  for (const name of ["prod", "preprod", "dev"]) {
    const planned = JSON.parse(await readFile(join(RECORDED, `${name}.json`), "utf8")) as Resource[];
    const addresses = new Set(planned.map(({ address }) => address));
    const own = report.environments.find(({ environment }) => environment === name)?.lines ?? [];
    expect(own.length).toBeGreaterThan(20);
    expect(own.filter(({ address }) => !addresses.has(address))).toEqual([]);
  }
  expect(lines.filter(({ source }) => !(source in report.sources))).toEqual([]);
});

test("above the limit it fails and names the three largest lines", async () => {
  const { code, stderr } = await cost("all", "--limit", "400");
  expect(code).toBe(69);
  expect(stderr).toMatch(/above the limit of 400/);
  expect(stderr.match(/^\s+- \d+\.\d\d prod module\./gm)).toHaveLength(3);
});

test("old prices are a warning, and an error where they must be fresh", async () => {
  const warned = await cost("all", "--as-of", "2027-06-01");
  expect([warned.code, warned.stdout]).toEqual([0, expect.stringMatching(/235 days/)]);
  const strict = await cost("all", "--as-of", "2027-06-01", "--strict-prices");
  expect([strict.code, strict.stderr]).toEqual([78, expect.stringMatching(/prices\.json/)]);
});

test("the report for people has charts and needs nothing from elsewhere", async () => {
  const file = join(folder, "cost.html");
  expect(await cost("all", "--html", file)).toMatchObject({ code: 0 });
  const html = await readFile(file, "utf8");
  expect(html.match(/<svg/g)?.length).toBeGreaterThanOrEqual(3);
  expect(html).not.toMatch(/<script|(src|href)="http/);
});

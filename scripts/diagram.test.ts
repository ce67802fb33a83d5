import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { drawingOf } from "./diagram/drawing.ts";
import { diagram } from "./diagram.ts";
import { recorded } from "./fleet/plans.ts";
import type { Resource } from "./fleet/resource.ts";

let folder: string;
beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), "greenleaf-diagram-"))));
afterAll(() => rmSync(folder, { recursive: true }));

const drawn = async (change: (resources: readonly Resource[]) => readonly Resource[] = (all) => all) =>
  drawingOf("prod", change((await recorded("prod", "a test")).resources));
const arrows = (svg: string): number => [...svg.matchAll(/marker-end=/g)].length;

test("the picture names the environment, its network and each subnet with the range the plan gives it", async () => {
  const { resources } = await recorded("prod", "a test");
  const svg = await drawn();
  expect(svg).toMatch(/^<svg [^>]*aria-label="architecture of prod"/);
  const subnets = resources.filter(({ type }) => type === "aws_subnet");
  expect(subnets.length).toBeGreaterThanOrEqual(6);
  for (const { values } of subnets) expect(svg).toContain(String(values.cidr_block));
});

test("an arrow is there because a rule lets the packet through, and goes with the rule", async () => {
  const isRule = ({ type, name }: Resource) =>
    /security_group_(in|e)gress_rule$/.test(type) && name === "app_from_balancer";
  const all = arrows(await drawn());
  expect(all).toBeGreaterThan(4);
  expect(arrows(await drawn((resources) => resources.filter((one) => !isRule(one))))).toBe(all - 2);
});

test("a plan file of the operator's is drawn under its own name, into a file", async () => {
  const [plan, out] = [join(folder, "plan.json"), join(folder, "fleet.svg")];
  const variables = { environment: { value: "preprod" } };
  writeFileSync(plan, JSON.stringify({ variables, planned_values: { root_module: {} } }));
  expect(await diagram({ positionals: [], options: { plan, out } })).toBe(0);
  expect(readFileSync(out, "utf8")).toContain('aria-label="architecture of preprod"');
});

test("an environment that does not exist is refused with those that do", async () => {
  await expect(diagram({ positionals: ["prd"], options: {} })).rejects.toMatchObject({
    exitCode: 64,
    why: "there are prod, preprod, dev",
  });
});

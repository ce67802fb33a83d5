import { expect, test } from "vitest";
import { cannotReplace, isHalfMoved, type PatchFacts, patchPlan, type Refresh, stepText } from "./plan.ts";

const GROUPS = ["greenleaf-prod-router-eu-west-3b", "greenleaf-prod-app", "greenleaf-prod-router-eu-west-3a"];
const golden = { image: "ami-1", system: "debian-13" as const };
const planOf = (changes: Partial<PatchFacts>) =>
  patchPlan({ environment: "prod", golden: { app: golden, router: golden }, groups: GROUPS, ...changes });
const named = (changes: Partial<PatchFacts>) =>
  planOf(changes).map((step) =>
    [step.do, "group" in step ? step.group : "role" in step ? step.role : ""].join(" ").trim(),
  );

test("a release, then the images that are baked, then app nodes, then the routers, one zone after the other", () => {
  expect(named({})).toEqual([
    "publish",
    "bake app",
    "bake router",
    "refresh greenleaf-prod-app",
    "refresh greenleaf-prod-router-eu-west-3a",
    "refresh greenleaf-prod-router-eu-west-3b",
  ]);
});

test("a role that starts from its distribution's own image is not baked, and bakes stay on the system they are on", () => {
  expect(named({ golden: { router: golden } })).not.toContain("bake app");
  expect(named({ golden: {} }).filter((step) => step.startsWith("bake"))).toEqual([]);
  expect(planOf({}).flatMap((step) => (step.do === "bake" ? step.system : []))).toEqual(["debian-13", "debian-13"]);
});

test("an environment with one router says what its patch costs, one without routers bakes none, one without app nodes has no plan", () => {
  const one = planOf({ groups: GROUPS.slice(1) });
  expect(one.at(-1)?.why).toContain("nothing leaves the private subnets");
  expect(named({ groups: ["greenleaf-prod-app"] })).toEqual(["publish", "bake app", "refresh greenleaf-prod-app"]);
  expect(planOf({ groups: [] })).toEqual([]);
});

test("every step says what it does and why", () => {
  for (const step of planOf({})) expect(stepText(step)).toMatch(/^(publish|bake|replace) .+: .+/);
});

const zone = (letter: string): Refresh => ({
  do: "refresh",
  role: "router",
  group: `greenleaf-prod-router-eu-west-3${letter}`,
  why: "",
});
const node = (role: string, letter: string, changes: object = {}) => ({
  environment: "prod",
  role,
  zone: `eu-west-3${letter}`,
  state: "running",
  lifecycle: "InService",
  image: "ami-1",
  ...changes,
});

test("a router is replaced only while the other zone's serves", () => {
  const pair = (changes: object) => [node("router", "a"), node("router", "b", changes), node("app", "b")];
  expect(cannotReplace(zone("a"), "prod", pair({}))).toBeUndefined();
  expect(cannotReplace(zone("a"), "prod", pair({ lifecycle: "Pending:Wait" }))).toContain(
    "eu-west-3b is running, Pending:Wait",
  );
  expect(cannotReplace(zone("a"), "prod", pair({ state: "stopping" }))).toContain("stopping");
  // It is the other one that counts: this one may be the broken one.
  expect(cannotReplace(zone("b"), "prod", pair({ state: "stopping" }))).toBeUndefined();
  expect(
    cannotReplace(zone("a"), "prod", [node("router", "a"), node("router", "b", { environment: "dev", state: "x" })]),
  ).toBeUndefined();
});

test("a group is half moved when one of its own nodes runs the image that is taken back", () => {
  const nodes = [node("router", "a", { image: "ami-2" }), node("router", "b"), node("app", "b")];
  expect(isHalfMoved(zone("a"), "prod", nodes, "ami-2")).toBe(true);
  expect(isHalfMoved(zone("b"), "prod", nodes, "ami-2")).toBe(false);
  expect(isHalfMoved(zone("a"), "dev", nodes, "ami-2")).toBe(false);
});

import { expect, test } from "vitest";
import { staleParts } from "./age.ts";
import type { NodeFreshness } from "./freshness.ts";

const node = (environment: string, role: string, imageDays: number | undefined, id = `${environment} ${role}`) => ({
  id,
  environment,
  role,
  imageDays,
});
const unknown = { nodes: new Map<string, NodeFreshness>(), baseDays: {} };

test("an image without a month's updates is said once for each role and environment, by its oldest node", () => {
  const found = [
    node("prod", "app", 36),
    node("prod", "app", 90),
    node("prod", "router", 35),
    node("dev", "app", undefined),
    node("preprod", "router", 400),
  ];
  expect(staleParts(found, unknown)).toEqual([
    expect.stringMatching(/^the app image of prod is 90 days old: .*.\/greenleaf patch prod /),
    expect.stringMatching(/^the router image of preprod is 400 days old: .*.\/greenleaf patch preprod /),
  ]);
  expect(staleParts([], unknown)).toEqual([]);
});

test("so are an agent and container images; 35 days are well, and what is not known says nothing", () => {
  const agent = (agentDays: number | undefined) => ({ updates: "none", agent: "0.1.0", agentDays }) as const;
  const nodes = new Map([
    ["old", agent(36)],
    ["well", agent(35)],
    ["unknown", agent(undefined)],
  ]);
  const found = [node("prod", "app", 1, "old"), node("prod", "router", 1, "well"), node("dev", "app", 1, "unknown")];
  expect(staleParts(found, { nodes, baseDays: { prod: 35, preprod: 36, dev: undefined } })).toEqual([
    expect.stringMatching(/^the agent of prod's app nodes was published 36 days ago: .*bootstrap/),
    expect.stringMatching(/^the container images of preprod were published 36 days ago: /),
  ]);
});

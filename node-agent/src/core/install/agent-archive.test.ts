import { expect, test } from "vitest";
import { compareVersions } from "../../base/version.ts";
import { planAgent } from "./agent.ts";
import { parseAgentList } from "./agent-archive.ts";

const digest = (digit: string) => digit.repeat(64);
const AGENT = `${digest("a")}  greenleaf-agent-0.2.0.tar.gz\n`;
const NODE = `${digest("b")}  node-24.21.0-linux-x64.gz\n`;
const COMPOSE = `${digest("c")}  docker-compose-2.26.1-linux-x64.gz\n`;

test("a list names the agent, and Node and Compose where they come along", () => {
  expect(parseAgentList(AGENT + NODE + COMPOSE)).toMatchObject({
    version: "0.2.0",
    agent: { sha256: digest("a") },
    node: { name: "node-24.21.0-linux-x64.gz" },
    compose: { name: "docker-compose-2.26.1-linux-x64.gz" },
  });
  expect(parseAgentList(AGENT)).toMatchObject({ version: "0.2.0", files: [{ sha256: digest("a") }] });
});

test.each([
  ["nothing", ""],
  ["no agent", NODE],
  ["two agents", AGENT + AGENT.replace("0.2.0", "0.3.0")],
  ["a line cut short", AGENT + NODE.slice(0, -1)],
  ["a path", AGENT + NODE.replace("node-", "../node-")],
  ["a line that is none", `${AGENT}hello\n`],
])("a list with %s is none", (_what, text) => {
  expect(parseAgentList(text)).toBeUndefined();
});

test.each([
  ["0.1.0", "0.1.0", 0],
  ["0.9.0", "0.10.0", -1],
  ["1.0.0", "0.99.99", 1],
  ["0.1.0-3fa2b1c9", "0.1.0", 0],
])("%s against %s", (a, b, sign) => {
  expect(Math.sign(compareVersions(a, b))).toBe(sign);
});

const archive = parseAgentList(AGENT)!;
const planned = (current: string | undefined, installed: Record<string, string>) =>
  planAgent({ archive, from: "/tmp/x", current, installed: new Map(Object.entries(installed)) });
const names = ({ place, switchTo }: ReturnType<typeof planAgent>) => [...place, ...switchTo].map(({ name }) => name);

test("the first agent is placed and made current", () => {
  expect(names(planned(undefined, {}))).toEqual([
    "place the agent in /opt/greenleaf/0.2.0",
    "make 0.2.0 the current agent",
  ]);
});

test("a newer agent replaces the old one, which stays to go back to; those before it go", () => {
  const plan = planned("0.1.0", { "0.1.0": digest("1"), "0.0.9": digest("0") });
  expect(names(plan)).toEqual(["place the agent in /opt/greenleaf/0.2.0", "make 0.2.0 the current agent"]);
  expect(plan.switchTo).toMatchObject([{ remove: ["0.0.9"] }]);
});

test("an older agent is refused", () => {
  expect(planned("0.3.0", { "0.3.0": digest("3") })).toEqual({
    place: [],
    switchTo: [],
    refused: "agent 0.2.0 is older than the installed 0.3.0, which stays",
  });
});

test("the same archive again changes nothing, and another build of the version lies beside it", () => {
  expect(names(planned("0.2.0", { "0.2.0": digest("a") }))).toEqual([]);
  expect(names(planned("0.2.0", { "0.2.0": digest("f") }))).toEqual([
    "place the agent in /opt/greenleaf/0.2.0-aaaaaaaa",
    "make 0.2.0-aaaaaaaa the current agent",
  ]);
});

test("an agent that was placed before a kill is only made current", () => {
  expect(names(planned(undefined, { "0.2.0": digest("a") }))).toEqual(["make 0.2.0 the current agent"]);
});

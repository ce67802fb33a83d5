import { expect, test } from "vitest";
import { observedContainer } from "../../../../../tests/support/observed-container.ts";
import { stackFrom } from "../../../../../tests/support/stack-from.ts";
import { containerSpec } from "../compose/container-body.ts";
import type { PlainMap } from "../compose/read/plain.ts";
import type { Observed, ObservedContainer } from "../observed.ts";
import { planText } from "./operation.ts";
import { planStack } from "./plan.ts";
import type { Desired } from "./plan-choice.ts";

const ROLLED = { image: "x", restart: "always", deploy: { update_config: { order: "start-first" } } };
const NETWORK = { gl_default: null };
const after = (...services: string[]): PlainMap =>
  Object.fromEntries(services.map((name) => [name, { condition: "service_started", required: true }]));

function desired(services: Record<string, PlainMap>): Desired {
  const stack = stackFrom({ services });
  const resolved = { imageId: "sha256:i", environment: new Map<string, string>(), digest: (hashed: string) => hashed };
  return {
    stack,
    specs: new Map(stack.services.map((service) => [service.name, containerSpec(stack, service, resolved)])),
  };
}

const old = (service: string, more: Partial<ObservedContainer> = {}): ObservedContainer =>
  observedContainer(service, { hash: "v1:old", networks: Object.keys(NETWORK), ...more });
const made = (of: Desired, service: string, more: Partial<ObservedContainer> = {}): ObservedContainer =>
  old(service, {
    id: `new-${service}-456789`,
    name: `${service}012345678_gl-${service}-1`,
    hash: of.specs.get(service)?.hash ?? "",
    ...more,
  });
const machine = (containers: ObservedContainer[], routes: Record<string, string> = {}): Observed => ({
  api: "1.41",
  networks: new Set(["gl_default"]),
  volumes: new Set(),
  foreignNetworks: new Set(),
  foreignVolumes: new Set(),
  images: new Map([["x", "sha256:i"]]),
  uncheckedImages: new Set(),
  containers,
  foreignNames: new Set(),
  routes: new Map(Object.entries(routes)),
  takenPorts: [],
});
const planned = (of: Desired, observed: Observed): string[] => planText(planStack(of, observed).operations).split("\n");
/** Verbs and targets alone. */
const steps = (of: Desired, observed: Observed): string[] => planStack(of, observed).operations.map(({ name }) => name);

const web = desired({ web: ROLLED });

test("a service that asks for it is replaced with the new container beside the old one", () => {
  expect(planned(web, machine([old("web")]))).toEqual([
    "[0] route service web to gl-web-1 (until the new one is ready)",
    "[1] create container web012345678_gl-web-1 (its definition changed) after 0",
    "[2] start container web012345678_gl-web-1 (it is new) after 0, 1",
    "[3] route service web to web012345678_gl-web-1 (requests go to it once it is ready) after 2",
    "[4] watch container web012345678_gl-web-1 (whether it stays well under traffic) after 3",
    "[5] drain container gl-web-1 (what is under way in it comes to its end) after 4",
    "[6] stop container gl-web-1 (its definition changed) after 5",
    "[7] remove container gl-web-1 (its definition changed) after 6",
    "[8] rename container web012345678_gl-web-1 to gl-web-1 (its name is free now) after 7",
    "[9] route service web by its name (one container has it now) after 8",
  ]);
});

test("everything before the old one is stopped can be taken back, the last step first", () => {
  const { operations } = planStack(web, machine([old("web")]));
  expect(operations.flatMap(({ undo, isFinal }) => (undo ? [undo.name] : isFinal ? ["no way back"] : []))).toEqual([
    "route service web by its name",
    "remove container web012345678_gl-web-1",
    "route service web to gl-web-1",
    "no way back",
    "no way back",
  ]);
});

test("services are rolled out one after the other, and who stands before them comes last", () => {
  const of = desired({
    caddy: { image: "x", depends_on: after("api", "web"), ports: [{ target: 80, published: "80", protocol: "tcp" }] },
    api: ROLLED,
    web: ROLLED,
  });
  const operations = planned(of, machine([old("caddy"), old("api"), old("web")]));
  expect(operations.map((line) => line.split(" (")[0]?.replace(/^\[\d+\] /, ""))).toEqual([
    ...["api", "web"].flatMap((name) => [
      `route service ${name} to gl-${name}-1`,
      `create container ${name}012345678_gl-${name}-1`,
      `start container ${name}012345678_gl-${name}-1`,
      `route service ${name} to ${name}012345678_gl-${name}-1`,
      `watch container ${name}012345678_gl-${name}-1`,
      `drain container gl-${name}-1`,
      `stop container gl-${name}-1`,
      `remove container gl-${name}-1`,
      `rename container ${name}012345678_gl-${name}-1 to gl-${name}-1`,
      `route service ${name} by its name`,
    ]),
    "create container caddy0123456_gl-caddy-1",
    "stop container gl-caddy-1",
    "remove container gl-caddy-1",
    "start container caddy0123456_gl-caddy-1",
    "rename container caddy0123456_gl-caddy-1 to gl-caddy-1",
  ]);
});

test("what a rollout depends on and is not rolled out itself is replaced before it", () => {
  const of = desired({ db: { image: "x", restart: "always" }, web: { ...ROLLED, depends_on: after("db") } });
  const plan = planStack(of, machine([old("db"), old("web")])).operations;
  const at = (name: string) => plan.findIndex((operation) => operation.name === name);
  expect(at("start container db0123456789_gl-db-1")).toBeLessThan(at("start container web012345678_gl-web-1"));
  for (const { id, after } of plan) expect(after.every((before) => before < id)).toBe(true);
});

const [OLD, NEW] = ["web012345678", "new-web-4567"];
test.each<[string, ObservedContainer[], Record<string, string>, string[]]>([
  ["created", [old("web"), made(web, "web", { state: "created" })], { web: OLD }, ["start", "route", "watch"]],
  ["started", [old("web"), made(web, "web")], { web: OLD }, ["route", "watch"]],
  ["routed", [old("web"), made(web, "web")], { web: NEW }, ["route", "watch"]],
  ["started, its routes lost", [old("web"), made(web, "web")], {}, ["route", "route", "watch"]],
])("a rollout that was cut off when the new one was %s goes on from there", (_when, containers, routes, expected) => {
  const rest = ["drain", "stop", "remove", "rename", "route"];
  expect(steps(web, machine(containers, routes)).map((step) => step.split(" ")[0])).toEqual([...expected, ...rest]);
});

test.each<[string, ObservedContainer[], string[]]>([
  ["stopped", [old("web", { state: "exited" }), made(web, "web")], ["remove", "rename", "route"]],
  ["removed", [made(web, "web")], ["rename", "route"]],
  ["replaced by name", [made(web, "web", { name: "gl-web-1" })], ["route"]],
])("a rollout that was cut off when the old one was %s is brought to its end", (_when, containers, expected) => {
  expect(steps(web, machine(containers, { web: NEW })).map((step) => step.split(" ")[0])).toEqual(expected);
});

test("a leftover beside the one that is right and serves goes without ceremony", () => {
  const right = made(web, "web", { name: "gl-web-1" });
  const left = old("web", { name: "x_gl-web-1" });
  expect(steps(web, machine([right, left], { web: NEW })).map((step) => step.split(" ")[0])).toEqual([
    "stop",
    "remove",
    "route",
  ]);
});

test("back to the old release while the new one serves: the old container is started beside it", () => {
  const right = made(web, "web", { name: "gl-web-1", state: "exited" });
  const serving = old("web", { name: "x_gl-web-1" });
  expect(steps(web, machine([right, serving], { web: OLD }))).toEqual([
    "start container gl-web-1",
    "route service web to gl-web-1",
    "watch container gl-web-1",
    "drain container x_gl-web-1",
    "stop container x_gl-web-1",
    "remove container x_gl-web-1",
    "route service web by its name",
  ]);
});

test("a third release finds a rollout cut off: the leftover goes first, so that there is one container more at most", () => {
  const left = old("web", { id: "left-web-456789", name: "y_gl-web-1", hash: "v1:second" });
  expect(steps(web, machine([old("web"), left], { web: OLD })).slice(0, 4)).toEqual([
    "stop container y_gl-web-1",
    "remove container y_gl-web-1",
    "create container web012345678_gl-web-1",
    "start container web012345678_gl-web-1",
  ]);
});

test("what nothing can serve beside is replaced as before: it is stopped, or holds a volume that nobody named", () => {
  for (const more of [{ state: "exited" }, { anonymousVolumes: new Map([["/data", "f".repeat(64)]]) }] as const) {
    expect(steps(web, machine([old("web", more)])).filter((step) => step.startsWith("route"))).toEqual([]);
  }
});

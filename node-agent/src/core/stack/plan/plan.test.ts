import { expect, test } from "vitest";
import { observedContainer } from "../../../../../tests/support/observed-container.ts";
import { stackFrom } from "../../../../../tests/support/stack-from.ts";
import { containerSpec } from "../compose/container-body.ts";
import type { PlainMap } from "../compose/read/plain.ts";
import type { Observed, ObservedContainer } from "../observed.ts";
import { unmetPreconditions } from "../preconditions.ts";
import { planText } from "./operation.ts";
import { planStack } from "./plan.ts";
import type { Desired } from "./plan-choice.ts";

const desired = (services: Record<string, PlainMap>, more: PlainMap = {}): Desired => {
  const stack = stackFrom({ ...more, services });
  const resolved = { imageId: "sha256:i", environment: new Map<string, string>(), digest: (hashed: string) => hashed };
  return {
    stack,
    specs: new Map(stack.services.map((service) => [service.name, containerSpec(stack, service, resolved)])),
  };
};
const nothing: Observed = {
  api: "1.41",
  networks: new Set(),
  volumes: new Set(),
  foreignNetworks: new Set(),
  foreignVolumes: new Set(),
  images: new Map([["x", "sha256:i"]]),
  uncheckedImages: new Set(),
  containers: [],
  foreignNames: new Set(),
  routes: new Map(),
  takenPorts: [],
};
const container = (of: Desired, service: string, more: Partial<ObservedContainer> = {}): ObservedContainer =>
  observedContainer(service, { hash: of.specs.get(service)?.hash ?? "", networks: ["gl_default"], ...more });
const up = (...containers: ObservedContainer[]): Observed => ({
  ...nothing,
  networks: new Set(["gl_default"]),
  containers,
});
const planned = (of: Desired, observed: Observed): string[] => planText(planStack(of, observed).operations).split("\n");

const started = (more: PlainMap = {}) => ({ db: { condition: "service_started", required: true, ...more } });
const two = desired({
  db: { image: "x", restart: "always" },
  web: { image: "x", restart: "always", depends_on: started() },
});

test("a fresh machine gets networks, containers and starts in the order of dependencies", () => {
  expect(planned(two, nothing)).toEqual([
    "[0] create network gl_default (it does not exist)",
    "[1] create container gl-db-1 (it does not exist) after 0",
    "[2] create container gl-web-1 (it does not exist) after 0",
    "[3] start container gl-db-1 (it is new) after 1",
    "[4] start container gl-web-1 (it is new) after 2, 3",
  ]);
});

test("a machine that is right gets nothing", () => {
  expect(planned(two, up(container(two, "db"), container(two, "web")))).toEqual([""]);
});

test("what changed is made beside the old one, which is stopped only when everything new stands", () => {
  const old = container(two, "web", { hash: "v1:old" });
  expect(planned(two, up(container(two, "db"), old))).toEqual([
    "[0] create container web012345678_gl-web-1 (its definition changed)",
    "[1] stop container gl-web-1 (its definition changed) after 0",
    "[2] remove container gl-web-1 (its definition changed) after 1",
    "[3] start container web012345678_gl-web-1 (it is new) after 0, 1",
    "[4] rename container web012345678_gl-web-1 to gl-web-1 (its name is free now) after 0, 2, 3",
  ]);
});

test("an image that is missing is pulled before anything is stopped", () => {
  const of = desired({ web: { image: "r@sha256:00" } });
  const plan = planned(of, up(container(of, "web", { hash: "v1:old" })));
  expect(plan[0]).toBe("[0] pull image r@sha256:00 (it is not on this machine)");
  expect(plan[2]).toBe("[2] stop container gl-web-1 (its definition changed) after 0, 1");
});

test("a boot that was cut off after it stopped the old container goes on where it was", () => {
  const made = container(two, "web", { name: "web012345678_gl-web-1", state: "created", id: "new" });
  const old = container(two, "web", { hash: "v1:old", state: "exited" });
  expect(planned(two, up(container(two, "db"), old, made))).toEqual([
    "[0] remove container gl-web-1 (web012345678_gl-web-1 is the one that stays)",
    "[1] start container web012345678_gl-web-1 (it was never started) after 0",
    "[2] rename container web012345678_gl-web-1 to gl-web-1 (its name is free now) after 0, 1",
  ]);
});

test("orphans go, and a port they held is free before its new owner starts", () => {
  const of = desired({ web: { image: "x", ports: [{ target: 80, published: "80", protocol: "tcp" }] } });
  expect(planned(of, up(container(of, "old")))).toEqual([
    "[0] create container gl-web-1 (it does not exist)",
    "[1] stop container gl-old-1 (service old is not in the stack any more) after 0",
    "[2] remove container gl-old-1 (service old is not in the stack any more) after 1",
    "[3] start container gl-web-1 (it is new) after 0, 1",
  ]);
});

test("a dependent is restarted when its dependency was replaced and it asked for that", () => {
  const of = desired({ db: { image: "x" }, web: { image: "x", depends_on: started({ restart: true }) } });
  const plan = planned(of, up(container(of, "db", { hash: "v1:old" }), container(of, "web")));
  expect(plan.at(-1)).toBe("[5] restart container gl-web-1 (service db was replaced) after 3");
});

test.each([
  [{ state: "exited", exitCode: 1 }, "[0] start container gl-db-1 (it ended with code 1)"],
  [{ state: "created" }, "[0] start container gl-db-1 (it was never started)"],
  [{ health: "unhealthy" }, "[0] restart container gl-db-1 (it is unhealthy)"],
  [{ state: "paused" }, "[0] restart container gl-db-1 (it is paused)"],
  [{ networks: [] }, "[0] connect container gl-db-1 to gl_default (it is not on it)"],
  [{ state: "restarting" }, ""],
] as const)("a container that is %o is made right", (more, expected) => {
  expect(planned(two, up(container(two, "db", more), container(two, "web")))).toEqual([expected]);
});

test("a job that ended well is not run again", () => {
  const of = desired({ job: { image: "x" } });
  expect(planned(of, up(container(of, "job", { state: "exited" })))).toEqual([""]);
});

test("a volume nobody named moves on to the successor", () => {
  const of = desired(
    {
      db: {
        image: "x",
        volumes: [
          { type: "volume", target: "/data" },
          { type: "volume", source: "named", target: "/named" },
        ],
      },
    },
    { volumes: { named: { name: "gl_named" } } },
  );
  const anonymousVolumes = new Map([
    ["/data", "f".repeat(64)],
    ["/image", "e".repeat(64)],
  ]);
  const old = container(of, "db", { hash: "v1:old", anonymousVolumes });
  const [create] = planStack(of, { ...up(old), volumes: new Set(["gl_named"]) }).operations;
  const mounts = create?.action.kind === "create container" ? create.action.spec.body.HostConfig.Mounts : [];
  expect(mounts).toEqual([
    expect.objectContaining({ Source: "gl_named", Target: "/named" }),
    { Type: "volume", Source: "f".repeat(64), Target: "/data" },
    { Type: "volume", Source: "e".repeat(64), Target: "/image" },
  ]);
});

test("what another project made is not taken for its name alone, unless the file says that it is external", () => {
  const volumes = [{ type: "volume", source: "v", target: "/v" }];
  const foreign = { ...nothing, foreignNetworks: new Set(["theirs"]), foreignVolumes: new Set(["theirs"]) };
  const of = (external: boolean) =>
    desired(
      { web: { image: "x", networks: { a: null }, volumes } },
      { networks: { a: { name: "theirs", external } }, volumes: { v: { name: "theirs", external } } },
    ).stack;
  const there = { ...foreign, networks: new Set(["theirs"]), volumes: new Set(["theirs"]) };
  expect(unmetPreconditions(of(false), there)).toEqual([
    "network theirs is not of this project: name another one, or say that it is external",
    "volume theirs is not of this project: what is in it is somebody else's; name another one",
  ]);
  expect(unmetPreconditions(of(true), there)).toEqual([]);
});

test("a wait for the health of a service that has no check, in the file or in its image, is told before it", () => {
  const depends_on = { db: { condition: "service_healthy" } };
  const of = (db: PlainMap) => desired({ web: { image: "y", depends_on }, db: { image: "x", ...db } }).stack;
  const unchecked = { ...nothing, uncheckedImages: new Set(["x"]) };
  expect(unmetPreconditions(of({}), unchecked)).toEqual([
    "service web waits until db is healthy, and neither it nor its image has a check",
  ]);
  // Of the image the file keeps the test, and changes how often it is asked.
  expect(unmetPreconditions(of({ healthcheck: { interval: "1s" } }), unchecked)).toHaveLength(1);
  expect(unmetPreconditions(of({ healthcheck: { test: ["CMD", "true"] } }), unchecked)).toEqual([]);
  expect(unmetPreconditions(of({}), nothing)).toEqual([]);
});

test("what no operation can give is told before any", () => {
  const of = desired(
    {
      web: {
        image: "sha256:0",
        healthcheck: { test: ["CMD-SHELL", "true"], start_interval: "1s" },
        networks: { a: null },
        volumes: [{ type: "volume", source: "v", target: "/v" }],
      },
    },
    { networks: { a: { name: "a", external: true } }, volumes: { v: { name: "v", external: true } } },
  );
  expect(unmetPreconditions(of.stack, { ...nothing, foreignNames: new Set(["gl-web-1"]) })).toEqual([
    "network a is external and does not exist",
    "volume v is external and does not exist",
    "image sha256:0 of service web is not on this machine and cannot be pulled",
    "service web has a start_interval, which needs Docker Engine 25",
    "container name gl-web-1 is taken by a container of another project",
  ]);
});

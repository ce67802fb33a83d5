import { expect, test } from "vitest";
import { observedContainer } from "../../../../tests/support/observed-container.ts";
import { stackFrom } from "../../../../tests/support/stack-from.ts";
import { containerSpec } from "./compose/container-body.ts";
import type { PlainMap } from "./compose/read/plain.ts";
import { memoryShortages } from "./memory-admission.ts";
import { planStack } from "./plan/plan.ts";

const MIB = 1024 * 1024;
const START_FIRST = { deploy: { update_config: { order: "start-first" } } };

/** What a plan lacks that replaces these services, all of which run in another form. */
function shortages(services: Record<string, PlainMap>, availableBytes: number): string[] {
  const stack = stackFrom({
    services: Object.fromEntries(Object.entries(services).map(([name, more]) => [name, { image: "x", ...more }])),
  });
  const resolved = { imageId: "sha256:i", environment: new Map<string, string>(), digest: (hashed: string) => hashed };
  const specs = new Map(stack.services.map((service) => [service.name, containerSpec(stack, service, resolved)]));
  const containers = stack.services.map(({ name }) =>
    observedContainer(name, { hash: "v1:old", networks: ["gl_default"] }),
  );
  const observed = {
    api: "1.41",
    networks: new Set(["gl_default"]),
    volumes: new Set<string>(),
    foreignNetworks: new Set<string>(),
    foreignVolumes: new Set<string>(),
    images: new Map([["x", "sha256:i"]]),
    uncheckedImages: new Set<string>(),
    containers,
    foreignNames: new Set<string>(),
    routes: new Map<string, string>(),
    takenPorts: [],
  };
  return memoryShortages(planStack({ stack, specs }, observed).operations, availableBytes);
}

test("a new container that may need more memory than is left does not start beside the old one", () => {
  const services = { backend: { mem_limit: "805306368", ...START_FIRST } };
  expect(shortages(services, 700 * MIB)).toEqual([
    "service backend may take 768 MiB beside its old container, and 700 MiB are left",
  ]);
  expect(shortages(services, 768 * MIB)).toEqual([]);
});

test("rollouts follow one another: each needs room for itself alone", () => {
  const one = { mem_limit: "419430400", ...START_FIRST };
  expect(shortages({ a: one, b: one }, 500 * MIB)).toEqual([]);
  expect(shortages({ a: one, b: one }, 300 * MIB)).toHaveLength(2);
});

test("a service that stops first, or has no limit, is let in", () => {
  expect(shortages({ a: { mem_limit: "805306368" }, b: START_FIRST }, MIB)).toEqual([]);
});

import { expect, test } from "vitest";
import {
  addedPackages,
  newRecord,
  parseRecord,
  planRemoval,
  type RemovalFacts,
  recorded,
  recordText,
  removedPackages,
} from "./record.ts";

const daemon = { pid: 7, startTicks: "99" };
const full = recorded(newRecord("apt"), {
  packages: ["docker.io", "runc"],
  files: ["/var/lib/docker"],
  folders: ["/usr/local/lib/docker", "/usr/local/lib/docker/cli-plugins"],
  units: ["greenleaf-agent.service"],
  mounts: ["/sys/fs/cgroup", "/sys/fs/cgroup/memory"],
  daemon,
});
const facts: RemovalFacts = {
  holdings: { containers: 0, volumes: 0, images: 0 },
  present: ["docker.io", "runc"],
  goes: ["docker.io", "runc"],
  daemonRuns: true,
  bridge: true,
};

test("a record grows and repeats nothing", () => {
  expect(recorded(recorded(full, { packages: ["runc", "tini"] }), {}).packages).toEqual(["docker.io", "runc", "tini"]);
  expect(parseRecord(recordText(full))).toEqual(full);
  expect(parseRecord(undefined)).toBeUndefined();
});

test("new packages are told from those that are only replaced", () => {
  const simulation =
    "NOTE: simulation\nInst runc (1.1 Debian:12 [amd64])\nInst libc6 [2.36] (2.37 Debian:12 [amd64])\nConf runc (1.1)\n";
  expect(addedPackages(simulation)).toEqual(["runc"]);
  expect(removedPackages("Purg runc [1.1]\nRemv tini [0.19]\nInst x (1)\n")).toEqual(["runc", "tini"]);
});

test("what install put there goes, in the order that lets it", () => {
  const plan = planRemoval(full, facts);
  expect(plan.operations.map(({ name }) => name)).toEqual([
    "disable greenleaf-agent.service",
    "stop dockerd 7",
    "remove docker.io, runc",
    "remove the bridge docker0",
    "remove /var/lib/docker",
    "unmount /sys/fs/cgroup/memory, /sys/fs/cgroup",
  ]);
  expect(plan).toMatchObject({ complete: true, notes: [] });
});

test.each([
  [{ containers: 2, volumes: 0, images: 1 }, "2 containers, 1 images of others are on the engine: it stays"],
  [{ containers: 0, volumes: 1, images: 0 }, "1 volumes of others are on the engine: it stays"],
  ["unknown" as const, "the engine does not answer, and others may keep data on it: it stays; start it first"],
])("an engine that holds %j of others stays", (holdings, note) => {
  expect(planRemoval(full, { ...facts, holdings })).toEqual({ operations: [], notes: [note], complete: false });
});

test("what other packages need stays", () => {
  expect(planRemoval(full, { ...facts, goes: ["docker.io", "runc", "podman"] }).notes).toEqual([
    "podman came to need what was installed: the packages stay",
  ]);
});

test("what is gone already is not removed again", () => {
  const gone = { ...facts, present: [], goes: [], daemonRuns: false, bridge: false, holdings: undefined };
  expect(planRemoval({ ...full, units: [], mounts: [], files: [] }, gone)).toEqual({
    operations: [],
    notes: [],
    complete: true,
  });
});

import { expect, test } from "vitest";
import { ConfigurationError } from "../base/errors.ts";
import { eventText, type LogEvent } from "../base/log.ts";
import type { World } from "../world.ts";
import { applyOperations, type Boot, type Mode, type Phase, runPhases, Sequence } from "./phase.ts";

function newBoot(mode: Mode): Boot & { lines: string[] } {
  const lines: string[] = [];
  const world = {
    clock: { now: () => 0, date: () => new Date(0), sleep: async () => undefined, alarm: () => () => undefined },
  } as unknown as World;
  const log = { emit: (event: LogEvent) => void lines.push(eventText(event)) };
  return { world, log, mode, operations: [], results: [], lines };
}

/** A phase with one operation, and the operations of it that were executed. */
function rendering(): { render: Phase; executed: string[] } {
  const executed: string[] = [];
  const run = async (boot: Boot) => {
    const operation = { name: "write backend.env", why: "2 values changed" };
    await applyOperations(boot, "render", [operation], async ({ name }) => void executed.push(name));
    return undefined;
  };
  return { render: { name: "render", run }, executed };
}
const broken: Phase = {
  name: "fetch",
  run: () =>
    Promise.reject(new ConfigurationError("fetch: db/host is missing", { code: "program.failed", why: "w", fix: "f" })),
};

test("a plan tells each operation with its reason and executes none", async () => {
  const boot = newBoot("plan");
  const { render, executed } = rendering();
  await runPhases(boot, Sequence.of().next(render));
  expect(boot.lines[1]).toBe("render    write backend.env  (2 values changed)");
  expect(executed).toEqual([]);
});

test("applying executes what was planned", async () => {
  const { render, executed } = rendering();
  await runPhases(newBoot("apply"), Sequence.of().next(render));
  expect(executed).toEqual(["write backend.env"]);
});

test("the first failure stops the phases and is kept in the results", async () => {
  const boot = newBoot("apply");
  await expect(runPhases(boot, Sequence.of().next(broken).next(rendering().render))).rejects.toThrow(
    "db/host is missing",
  );
  expect(boot.results).toEqual([
    {
      phase: "fetch",
      ms: 0,
      operations: 0,
      error: { code: "program.failed", what: "fetch: db/host is missing", why: "w", exitCode: 78 },
    },
  ]);
});

test("a phase before the one that learns what it needs does not compile", async () => {
  const names: Phase<unknown, { name: string }> = { name: "a", run: async () => ({ learned: { name: "x" } }) };
  const greets: Phase<{ name: string }> = { name: "b", run: async ({ name }) => `hello ${name}` };
  // @ts-expect-error -- nobody has learned a name yet
  Sequence.of().next(greets);
  const boot = newBoot("apply");
  expect(await runPhases(boot, Sequence.of().next(names).next(greets))).toMatchObject({ name: "x" });
  expect(boot.lines.at(-1)).toContain("hello x");
});

import { expect, test } from "vitest";
import { ConfigurationError } from "../errors.ts";
import { eventText, type LogEvent } from "../log.ts";
import type { World } from "../world.ts";
import { type Boot, type Mode, type Phase, perform, runPhases } from "./phase.ts";

function newBoot(mode: Mode): Boot & { lines: string[] } {
  const lines: string[] = [];
  const world = { clock: { now: () => 0, date: () => new Date(0), sleep: async () => undefined } } as unknown as World;
  const log = { emit: (event: LogEvent) => void lines.push(eventText(event)) };
  return { world, log, mode, operations: [], results: [], lines };
}

const executed: string[] = [];
const render: Phase = {
  name: "render",
  run: async (boot) => {
    const operation = { name: "write backend.env", why: "2 values changed" };
    await perform(boot, "render", [operation], async ({ name }) => void executed.push(name));
    return undefined;
  },
};
const broken: Phase = {
  name: "fetch",
  run: () => Promise.reject(new ConfigurationError("fetch: db/host is missing", { why: "w", fix: "f" })),
};

test("a plan tells each operation with its reason and executes none", async () => {
  const boot = newBoot("plan");
  await runPhases(boot, [render]);
  expect(boot.lines[1]).toBe("render    write backend.env  (2 values changed)");
  expect(executed).toEqual([]);
});

test("applying executes what was planned", async () => {
  await runPhases(newBoot("apply"), [render]);
  expect(executed).toEqual(["write backend.env"]);
});

test("the first failure stops the phases and is kept in the results", async () => {
  const boot = newBoot("apply");
  await expect(runPhases(boot, [broken, render])).rejects.toThrow("db/host is missing");
  expect(boot.results).toEqual([
    { phase: "fetch", ms: 0, operations: 0, error: { what: "fetch: db/host is missing", why: "w", exitCode: 78 } },
  ]);
});

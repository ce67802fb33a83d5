import { beforeAll, expect, test } from "vitest";
import { EXIT, exitCodeOf } from "../../../node-agent/src/base/errors.ts";
import type { LogEvent } from "../../../node-agent/src/base/log.ts";
import { STATUS_PATH } from "../../../node-agent/src/base/paths.ts";
import { runBoot } from "../../../node-agent/src/cli/run-boot.ts";
import { stoppable } from "../../../node-agent/src/cli/stoppable.ts";
import { parseStatus } from "../../../node-agent/src/core/node/status/status.ts";
import { intercepted } from "../../support/simulated/calls.ts";
import { simulated } from "../../support/simulated/world.ts";

const SIGNALS = ["SIGTERM", "SIGINT", "SIGHUP"] as const;
const EVENTS = [...SIGNALS, "uncaughtException", "unhandledRejection"] as const;

const listeners = () => EVENTS.map((event) => process.listenerCount(event));

beforeAll(async () => {
  // What is loaded on first use takes real time, which the simulated one would not wait for.
  await Promise.all([
    import("../../../node-agent/src/phases/index.ts"),
    import("../../../node-agent/src/core/stack/compose/check/check-source.ts"),
    import("../../../node-agent/src/core/stack/compose/yaml-source.ts"),
  ]);
});

/** A first boot that is told `stop` in the engine's first call, which never answers. */
async function stopped(stop: () => void) {
  const { world, clock, files } = simulated("app");
  const calls: string[] = [];
  const events: LogEvent[] = [];
  const machine = intercepted(
    world,
    ({ name }, answer) => {
      const isFirst = name.startsWith("engine.") && !calls.some((call) => call.startsWith("engine."));
      calls.push(name);
      if (!isFirst) return answer();
      stop();
      return new Promise(() => undefined);
    },
    ["clock"],
  );
  const log = { emit: (event: LogEvent) => void events.push(event) };
  const invocation = { world: machine, log, print: () => undefined, colour: false, options: {}, positionals: [] };
  const start = clock.now();
  const code = await clock.run(runBoot(invocation).catch(exitCodeOf));
  return { code, calls, events, ms: clock.now() - start, status: parseStatus(files.get(STATUS_PATH)) };
}

test.each(SIGNALS)("a boot that is ended by %s leaves its verdict, and the lock to the next one", async (signal) => {
  const before = listeners();
  const { code, calls, events, ms, status } = await stopped(() => process.emit(signal, signal));
  const reason = { code: "boot.ended", what: `boot: ended by ${signal}`, why: "phase engine was under way" };
  expect([code, ms]).toEqual([EXIT.temporary, 0]);
  expect(status).toMatchObject({ verdict: "failed", reason });
  expect(events.at(-1)).toMatchObject({ kind: "verdict", verdict: "failed", reason });
  expect(calls.at(-1)).toBe("lock().release");
  expect(calls.filter((name) => name.startsWith("engine."))).toHaveLength(1);
  expect(listeners()).toEqual(before);
});

test("an error that nobody caught is the reason itself", async () => {
  const run = stoppable(async (stop) => {
    const told = new Promise<unknown>((resolve) => stop.addEventListener("abort", () => resolve(stop.reason)));
    for (const listener of process.listeners("uncaughtException").slice(-1))
      listener(new Error("lost"), "uncaughtException");
    return told;
  });
  expect(await run).toMatchObject({ message: "lost" });
});

test("nobody listens any more once the work is over, however it ended", async () => {
  const before = listeners();
  await stoppable(async () => expect(listeners()).toEqual(before.map((count) => count + 1)));
  await expect(stoppable(() => Promise.reject(new Error("x")))).rejects.toThrow("x");
  expect(listeners()).toEqual(before);
});

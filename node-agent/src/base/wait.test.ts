import { expect, test } from "vitest";
import { SimulatedClock } from "../../../tests/support/simulated/clock.ts";
import { LaterError, TemporaryError } from "./errors.ts";
import { done, pending, until } from "./wait.ts";

const wait = { what: "the engine", withinMs: 1000, everyMs: 100, fix: "start it" };

test("a wait ends with the first answer", async () => {
  const clock = new SimulatedClock();
  let probes = 0;
  const value = await clock.run(until(clock, wait, async () => (++probes === 3 ? done("up") : pending("no socket"))));
  expect({ value, waited: clock.now() }).toEqual({ value: "up", waited: 200 });
});

test("a wait past its deadline names the last answer and how often it asked", async () => {
  const clock = new SimulatedClock();
  const waiting = clock.run(until(clock, { ...wait, growth: 2 }, async () => pending("connection refused")));
  await expect(waiting).rejects.toMatchObject({
    message: "waiting for the engine took longer than 1 s",
    why: "last answer of 5: connection refused",
    exitCode: 75,
  });
});

test("a probe's own failure ends the wait at once", async () => {
  const clock = new SimulatedClock();
  await expect(until(clock, wait, () => Promise.reject(new Error("denied")))).rejects.toThrow("denied");
  const full = new LaterError("no room", { code: "engine.away", why: "0 bytes are left", fix: "free space" });
  await expect(until(clock, wait, () => Promise.reject(full))).rejects.toBe(full);
  expect(clock.now()).toBe(0);
});

test("what passes is asked again, also when the probe throws it", async () => {
  const clock = new SimulatedClock();
  const passing = new TemporaryError("no credentials", {
    code: "engine.away",
    why: "IMDS answered no role",
    fix: "wait",
  });
  let probes = 0;
  const late = until(clock, wait, async () => {
    if ((probes += 1) < 8) throw passing;
    return done("role");
  });
  expect(await clock.run(late)).toBe("role");
  const never = until(clock, wait, () => Promise.reject(passing));
  await expect(clock.run(never)).rejects.toMatchObject({
    message: "waiting for the engine took longer than 1 s",
    why: "last answer of 11: no credentials: IMDS answered no role",
  });
});

test("a probe that never answers is not waited for past the deadline", async () => {
  const clock = new SimulatedClock();
  let probes = 0;
  const waiting = until(clock, wait, () =>
    (probes += 1) === 1 ? Promise.resolve(pending("it is starting")) : new Promise(() => undefined),
  );
  await expect(clock.run(waiting)).rejects.toMatchObject({
    message: "waiting for the engine took longer than 1 s",
    why: "last answer of 2: it is starting; then no answer came",
  });
  expect(clock.now()).toBe(2_000);
});

test("a probe under way at the deadline may have its own time to end", async () => {
  const clock = new SimulatedClock();
  const slow = async () => {
    await clock.sleep(5_000);
    return done("the last layer");
  };
  expect(await clock.run(until(clock, { ...wait, graceMs: 4_500 }, slow))).toBe("the last layer");
  await expect(clock.run(until(clock, { ...wait, graceMs: 3_000 }, slow))).rejects.toMatchObject({ exitCode: 75 });
});

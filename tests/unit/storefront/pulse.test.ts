import { expect, test } from "vitest";
import { createPulse } from "../../../images/storefront/src/store/pulse.ts";

const REFUSAL = "nobody was asked";

function setUp({ doubtMs = 1 } = {}) {
  const backend = { isReady: true, asked: 0 };
  const pulse = createPulse({
    isReady: async () => {
      backend.asked += 1;
      return backend.isReady;
    },
    isTrouble: (error) => error instanceof Error && error.message === "no answer",
    refusal: () => new Error(REFUSAL),
    doubtMs,
    everyMs: 1,
  });
  /** Never answers; fails when it is broken off. */
  const hang = (away: AbortSignal) =>
    new Promise<string>((_, reject) => away.addEventListener("abort", () => reject(new Error("broken off"))));
  const answered = (text = "answer") => pulse.guard(async () => text);
  return { backend, pulse, hang, answered };
}

test("a backend that answers is never asked how it is", async () => {
  const { backend, answered } = setUp({ doubtMs: 60_000 });
  expect(await Promise.all([answered("a"), answered("b")])).toEqual(["a", "b"]);
  expect(backend.asked).toBe(0);
});

test("who waits for a backend that hangs is broken off, and whoever comes next is refused without asking it", async () => {
  const { backend, pulse, hang } = setUp();
  backend.isReady = false;
  await expect(pulse.guard(hang)).rejects.toThrow("broken off");
  expect(pulse.isAway()).toBe(true);
  let sent = 0;
  await expect(pulse.guard(async () => (sent += 1))).rejects.toThrow(REFUSAL);
  expect(sent).toBe(0);
});

test("a late answer of a backend that is well is waited for", async () => {
  const { backend, pulse } = setUp();
  const { promise, resolve: answer } = Promise.withResolvers<string>();
  const waiting = pulse.guard(() => promise);
  await expect.poll(() => backend.asked).toBeGreaterThan(2);
  answer("late");
  expect(await waiting).toBe("late");
});

test("a failure is reason to ask, a refusal is not", async () => {
  const { backend, pulse, answered } = setUp({ doubtMs: 60_000 });
  await expect(pulse.guard(() => Promise.reject(new Error("no such plant")))).rejects.toThrow("no such plant");
  expect(backend.asked).toBe(0);
  backend.isReady = false;
  await expect(pulse.guard(() => Promise.reject(new Error("no answer")))).rejects.toThrow("no answer");
  await expect.poll(() => answered().catch((error: Error) => error.message)).toBe(REFUSAL);
});

test("as soon as the backend is back everybody is served again", async () => {
  const { backend, pulse, hang, answered } = setUp();
  backend.isReady = false;
  await expect(pulse.guard(hang)).rejects.toThrow("broken off");
  backend.isReady = true;
  await expect.poll(() => answered().catch((error: Error) => error.message)).toBe("answer");
});

test("an order under way is not broken off by one bad answer", async () => {
  const { backend, pulse, hang } = setUp();
  backend.isReady = false;
  const { promise, resolve: answer } = Promise.withResolvers<string>();
  const order = pulse.guard(() => promise, 3_600_000);
  await expect(pulse.guard(hang)).rejects.toThrow(/broken off|nobody/);
  await expect.poll(() => backend.asked).toBeGreaterThan(2);
  answer("order");
  expect(await order).toBe("order");
});

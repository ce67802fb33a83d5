import { getEventListeners } from "node:events";
import { expect, test } from "vitest";
import { every, pause } from "./every.ts";

test("whoever sleeps is woken by the signal, and sleeps no more after it", async () => {
  const ends = new AbortController();
  const asleep = [pause(3_600_000, ends.signal), pause(3_600_000, ends.signal)];
  ends.abort();
  await Promise.all([...asleep, pause(3_600_000, ends.signal)]);
});

test("many who sleep until one signal listen to it once, and each is woken by its own time", async () => {
  const { signal } = new AbortController();
  await Promise.all([pause(1, signal), pause(2, signal), pause(3, signal)]);
  await pause(1, signal);
  expect(getEventListeners(signal, "abort")).toHaveLength(1);
});

test("a task runs again after each pause until the signal; one that throws ends it", async () => {
  const ends = new AbortController();
  let runs = 0;
  await every(1, ends.signal, async () => void (++runs === 3 && ends.abort()));
  expect(runs).toBe(3);
  await expect(every(1, new AbortController().signal, () => Promise.reject(new Error("broken")))).rejects.toThrow(
    "broken",
  );
});

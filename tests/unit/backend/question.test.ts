import { stat } from "node:fs/promises";
import { expect, test } from "vitest";
import { isAnswered } from "../../../images/backend/src/question.ts";

/** Stops this process as work on an order does. */
const work = (ms: number) => Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, ms);

test("an answer that came while this process was busy counts, however late it is read", async () => {
  const answered = isAnswered(() => stat("/"));
  work(1_200);
  expect(await answered).toBe(true);
});

test("a refusal and a silence are no answers", async () => {
  const refused = isAnswered(() => Promise.reject(new Error("refused")));
  const silent = isAnswered(() => new Promise(() => undefined));
  expect(await Promise.all([refused, silent])).toEqual([false, false]);
});

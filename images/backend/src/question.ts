import { setTimeout as sleep } from "node:timers/promises";

/** Asks one server whether it answers; rejects when it does not. */
export type Question = () => Promise<unknown>;

const limitMs = 1_000;

/**
 * After this long a question that was asked is given up. Longer than it is waited for: where this process itself was
 * busy, what gives up first would throw away an answer that has arrived.
 */
export const GIVEN_UP_MS = 3_000;

/** Whether it answered within one second. */
export async function isAnswered(question: Question): Promise<boolean> {
  const late = new AbortController();
  const answer = question().then(
    () => true,
    () => false,
  );
  try {
    return await Promise.race([answer, sleep(limitMs, undefined, { signal: late.signal }).then(() => arrived(answer))]);
  } finally {
    late.abort();
  }
}

/** Work on an order may stop this process for seconds; an answer that came meanwhile has only not been read yet. */
async function arrived(answer: Promise<boolean>): Promise<boolean> {
  for (let turn = 0; turn < 3; turn += 1) await new Promise((resolve) => void setImmediate(resolve));
  return Promise.race([answer, Promise.resolve(false)]);
}

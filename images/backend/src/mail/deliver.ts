import type { Due } from "./due.ts";

export type Kept = { id: string; status: "pending" | "success" | "failure" };

/** What Medusa keeps of each letter sent or not, and the lock that one key has on all nodes. */
export type Outbox = {
  inTurn: <Result>(key: string, work: () => Promise<Result>) => Promise<Result>;
  kept: (key: string) => Promise<Kept[]>;
  forget: (ids: string[]) => Promise<unknown>;
  /** Keeps the letter and sends it; rejects when the server did not take it. */
  send: (due: Due) => Promise<unknown>;
};

/**
 * Sends a letter once, however often and on however many nodes its event comes. What failed before, or was under way
 * when its process ended, is sent again: Medusa would pass over the one, and count the other as failed for ever.
 */
export async function deliver(due: Due, outbox: Outbox): Promise<"sent" | "was sent"> {
  return outbox.inTurn(due.key, async () => {
    const kept = await outbox.kept(due.key);
    if (kept.some(({ status }) => status === "success")) return "was sent";
    if (kept.length > 0) await outbox.forget(kept.map(({ id }) => id));
    await outbox.send(due);
    return "sent";
  });
}

import { setTimeout as sleep } from "node:timers/promises";
import type {
  MedusaNextFunction as Next,
  MedusaRequest as Request,
  MedusaResponse as Response,
} from "@medusajs/framework/http";
import { Modules } from "@medusajs/framework/utils";
import { changedThing } from "./changed-thing.ts";

/** Longer than Medusa works on an order; one whose answer never comes must not close it for good. */
const LONGEST_MS = 60_000;
const WAIT_SECONDS = 15;

/**
 * In front of what a keeper changes: one order, payment or return by one request at a time, on all nodes. Of two
 * at once Medusa lets one fail half-way, and its taking back undoes what the other did: after a double click on
 * "cancel" the order is cancelled and its plants stay reserved for ever.
 */
export async function oneAtATime(request: Request, response: Response, next: Next): Promise<void> {
  const thing = changedThing(request.method, request.path);
  if (thing === undefined) return next();
  const locking = request.scope.resolve(Modules.LOCKING);
  let isBegun = false;
  const work = async () => {
    isBegun = true;
    const answered = answerOf(response);
    next();
    await answered;
  };
  try {
    await locking.execute(`greenleaf:${thing}`, work, { timeout: WAIT_SECONDS });
  } catch (error) {
    if (isBegun) process.stderr.write(`backend: the lock of ${thing}: ${String(error)}\n`);
    else refuse(response);
  }
}

/** Resolves with the answer, and not before for a client that goes away: Medusa works on. */
async function answerOf(response: Response): Promise<void> {
  const over = new AbortController();
  const end = response.end.bind(response) as (...args: unknown[]) => Response;
  response.end = (...args: unknown[]) => {
    over.abort();
    return end(...args);
  };
  await sleep(LONGEST_MS, undefined, { signal: over.signal, ref: false }).catch(() => undefined);
}

function refuse(response: Response): void {
  response.setHeader("Cache-Control", "no-store");
  response.setHeader("Retry-After", 2);
  response.status(409).json({ type: "conflict", message: "Another change of this is under way. Try again." });
}

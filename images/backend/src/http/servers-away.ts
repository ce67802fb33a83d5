import type { Server as HttpServer, ServerResponse } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { isAnswered, type Question } from "../question.ts";
import { putInFront } from "./in-front.ts";

/** Whether a server is away by what is heard of it: one lost answer is no absence. */
const MISSES = 2;
const EVERY_MS = 500;
const AGAIN_MS = 100;
const RETRY_AFTER_S = 5;

/** What is known of one server. */
export type Watched = {
  isAway: () => boolean;
  /** Called each time it is found away. */
  onAway: (listener: () => void) => void;
};

/** Asks one server for ever whether it is there. */
export function watchServer(question: Question, isOver: () => boolean = () => false): Watched {
  let misses = 0;
  const listeners: (() => void)[] = [];
  const watch = async () => {
    while (!isOver()) {
      misses = (await isAnswered(question)) ? 0 : misses + 1;
      if (misses === MISSES) for (const listener of listeners) listener();
      const isInDoubt = misses > 0 && misses < MISSES;
      await sleep(isInDoubt ? AGAIN_MS : EVERY_MS, undefined, { ref: false });
    }
  };
  void watch();
  return { isAway: () => misses >= MISSES, onAway: (listener) => void listeners.push(listener) };
}

/** The question, answered only by a server that is not counted as away: then "no" is said without asking it. */
export const unlessAway =
  (question: Question, { isAway }: Watched): Question =>
  async () => {
    if (!isAway()) await question();
    if (isAway()) throw new Error("it was away a moment ago");
  };

/** What Medusa answers with the help of both servers; without one it would let the request hang, looking at plants too. */
const NEEDS_SERVERS = /^\/(store|admin|auth|hooks)\b/i;

/** Answers 503 at once to what needs a server that is away, and to what waits in Medusa when it goes. */
export function refuseWithoutServers(server: HttpServer, watched: Readonly<Record<string, Watched>>): void {
  const waiting = new Map<ServerResponse, Refuse>();
  for (const [name, { onAway }] of Object.entries(watched))
    onAway(() => {
      for (const refuse of waiting.values()) refuse(name);
    });
  putInFront(server, (request, response, next) => {
    if (request.method === "OPTIONS" || !NEEDS_SERVERS.test(request.url ?? "/")) return next();
    const refuse = refusable(response);
    const missing = Object.keys(watched).find((name) => watched[name]?.isAway() === true);
    if (missing !== undefined) return refuse(missing);
    waiting.set(response, refuse);
    response.once("close", () => waiting.delete(response));
    next();
  });
}

type Refuse = (missing: string) => void;

/** All that changes an answer, and what each says: once an answer has gone out they throw in the middle of Medusa. */
const CHANGES = {
  setHeader: "itself",
  setHeaders: "itself",
  appendHeader: "itself",
  removeHeader: "nothing",
  writeHead: "itself",
  flushHeaders: "nothing",
  write: "taken",
  end: "itself",
} as const;

type Changes = Record<keyof typeof CHANGES, (...args: unknown[]) => unknown>;

/**
 * Lets a request be refused while Medusa works on it. Medusa goes on with it when the server is back; what it says
 * then goes through all that sessions and locks have put around the answer, and is dropped here.
 */
function refusable(response: ServerResponse): Refuse {
  const changes = response as unknown as Changes;
  const said = { itself: response, nothing: undefined, taken: true };
  const { writeHead, end } = response;
  let isRefused = false;
  for (const name of Object.keys(CHANGES) as (keyof Changes)[]) {
    const change = changes[name].bind(response);
    changes[name] = (...args) => (isRefused ? said[CHANGES[name]] : change(...args));
  }
  return (missing) => {
    if (response.headersSent || isRefused) return;
    const body = JSON.stringify({ type: "unavailable", message: `The shop's ${missing} does not answer. Try again.` });
    // Not by what was put around them since: a session would be kept first, in the server that is away.
    writeHead.call(response, 503, {
      "content-type": "application/json",
      "cache-control": "no-store",
      "retry-after": String(RETRY_AFTER_S),
      // What it was sent is not read.
      connection: "close",
    });
    end.call(response, body, "utf8");
    isRefused = true;
  };
}

import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";
import { Gate } from "./gate.ts";
import { putInFront } from "./in-front.ts";

export type LoadLimits = {
  /** Requests of customers that are worked on at once; checkouts take theirs first. */
  atOnce: number;
  /** Of these, what browsing keeps when checkouts would take all. */
  browsingAtLeast: number;
  browsingWaiting: number;
  browsingWaitMs: number;
  /** Checkouts at once; more than these are asked to come back. */
  checkouts: number;
};

/** Some 150 shelves a second are served by one process, so nobody waits longer than a second or two for a place. */
export const LOAD_LIMITS: LoadLimits = {
  atOnce: 24,
  browsingAtLeast: 2,
  browsingWaiting: 200,
  browsingWaitMs: 4_000,
  checkouts: 128,
};

export type Share = "checkout" | "browsing" | "other";

/** Whose share of the load a request is: who is about to pay goes before who looks around. */
export function shareOf(method = "GET", url = "/"): Share {
  if (/^\/hooks\//i.test(url)) return "checkout";
  if (!/^\/store\//i.test(url)) return "other";
  if (!/^(GET|HEAD)$/.test(method)) return method === "OPTIONS" ? "other" : "checkout";
  return /^\/store\/(carts|orders|payment|shipping-options|customers|returns)\b/i.test(url) ? "checkout" : "browsing";
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || Number(headers["content-length"] ?? 0) > 0;

/** Past what can be answered in time a customer is told to come back (503, Retry-After), and browsing before checkouts. */
export function shedLoad(server: HttpServer, limits: LoadLimits): void {
  let checkouts = 0;
  const browsing = new Gate({
    slots: () => Math.max(limits.browsingAtLeast, limits.atOnce - checkouts),
    waiting: limits.browsingWaiting,
    waitMs: limits.browsingWaitMs,
  });

  const checkOut = (request: IncomingMessage, response: ServerResponse, next: () => void): void => {
    if (checkouts >= limits.checkouts) return refuseForNow(response);
    const begin = () => {
      if (response.closed) return;
      checkouts += 1;
      response.once("close", () => {
        checkouts -= 1;
        browsing.admitWaiting();
      });
    };
    // Counted from the end of its body: one that is sent slowly costs nothing yet, and must not keep others out.
    if (hasBody(request)) request.once("end", begin);
    else begin();
    next();
  };

  const browse = async (response: ServerResponse, next: () => void): Promise<void> => {
    if (!(await browsing.enter())) return refuseForNow(response);
    if (response.destroyed) return browsing.leave();
    response.once("close", () => browsing.leave());
    next();
  };

  putInFront(server, (request, response, next) => {
    const share = shareOf(request.method, request.url);
    if (share === "checkout") checkOut(request, response, next);
    else if (share === "browsing") void browse(response, next);
    else next();
  });
}

/** Said in words that a shop can show, and soon enough that nobody reads "did not answer". */
export function refuseForNow(response: ServerResponse, retryAfterSeconds = 2): void {
  if (response.destroyed) return;
  response.writeHead(503, {
    "content-type": "application/json",
    "cache-control": "no-store",
    "retry-after": String(retryAfterSeconds),
  });
  response.end(JSON.stringify({ type: "overloaded", message: "The shop has more visitors than it can serve now." }));
}

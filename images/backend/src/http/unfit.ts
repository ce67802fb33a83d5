import { type Response, refuse } from "./refuse.ts";

/** What PostgreSQL calls a data exception (class 22): a day that is none, a number out of its range. */
const DATA_EXCEPTION = /^22[0-9A-Z]{3}$/;
/** The query builder's own, before it asks: the only one that has no code. */
const BELOW_ZERO = /^A non-negative integer must be provided to (offset|limit)\.$/;

/**
 * Whether a failure is the fault of what was asked for: a path that is no UTF-8, or a value that no database can look
 * for. Medusa calls it an error of its own, 500; a stranger could have a new release judged by such answers, and taken
 * back.
 */
export function isUnfit(error: unknown): boolean {
  if (error instanceof URIError) return true;
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown };
  if (typeof code === "string" && DATA_EXCEPTION.test(code)) return true;
  return typeof message === "string" && BELOW_ZERO.test(message);
}

/** Whether a zero byte stands in a text of a query or body. PostgreSQL takes none, and breaks the message off there. */
export function holdsZero(value: unknown): boolean {
  const left: unknown[] = [value];
  for (let one = left.pop(); one !== undefined || left.length > 0; one = left.pop()) {
    if (typeof one === "string" && one.includes("\0")) return true;
    if (typeof one !== "object" || one === null || ArrayBuffer.isView(one)) continue;
    for (const [name, member] of Object.entries(one)) left.push(name, member);
  }
  return false;
}

type Handler<E, Q, S, N, R> = (error: E, request: Q, response: S, next: N) => R;

/**
 * Medusa's handler of errors, but for those. Express knows a handler of errors by its four parameters: they are written
 * out.
 */
export function answeringUnfit<E, Q, S extends Response, N, R>(
  standard: Handler<E, Q, S, N, R>,
): Handler<E, Q, S, N, R | void> {
  return (error, request, response, next) =>
    isUnfit(error)
      ? refuse(response, 400, "The request holds a value that cannot be.")
      : standard(error, request, response, next);
}

import type { ServerResponse } from "node:http";

/** What this takes of Express's answer, so that nothing of Medusa is loaded for it. */
export type Response = Pick<ServerResponse, "setHeader"> & {
  status(code: number): { json(body: object): unknown };
};

/** Refuses in Medusa's own shape; nothing between keeps it. */
export function refuse(response: Response, status: number, message: string, retryAfterMs?: number): void {
  if (retryAfterMs !== undefined) response.setHeader("Retry-After", Math.max(1, Math.ceil(retryAfterMs / 1_000)));
  response.setHeader("Cache-Control", "no-store");
  response.status(status).json({ type: status === 400 ? "invalid_data" : "not_allowed", message });
}

/** Refuses what was tried too often. */
export function refuseAttempt(response: Response, retryAfterMs: number): void {
  refuse(response, 429, "Too many attempts. Try again later.", retryAfterMs);
}

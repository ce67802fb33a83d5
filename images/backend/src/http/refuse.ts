import type { MedusaResponse as Response } from "@medusajs/framework/http";

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

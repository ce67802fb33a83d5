import { rmSync } from "node:fs";

/** Removes a node's folder. A repair outlives the daemon that began it, and makes files while they are removed. */
export function removeRoot(root: string): void {
  rmSync(root, { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
}

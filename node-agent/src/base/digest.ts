import { createHash } from "node:crypto";

/** SHA-256 in hex of the UTF-8 bytes of a text, or of bytes. */
export function sha256(content: string | Uint8Array): string {
  return createHash("sha256").update(content).digest("hex");
}

import { createHmac, randomBytes, timingSafeEqual } from "node:crypto";

const DIGEST = "sha256";

/** HMAC-SHA-256 in hex of the UTF-8 bytes of a text; the key is hex too. */
export function hmac(text: string, key: string): string {
  return createHmac(DIGEST, Buffer.from(key, "hex")).update(text).digest("hex");
}

/** Compares without telling by its time how much was right. */
export function isSameHmac(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** A key of 256 bits, in hex. */
export const newKey = (): string => randomBytes(32).toString("hex");

import { randomBytes } from "node:crypto";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import type { LocalWorld } from "../world.ts";

/** What the mail server of a local world wants of the shop. */
export interface Mailbox {
  readonly user: string;
  readonly password: string;
}

const PATH = "/local/mailbox.json";

/** Made once, kept 0600 under the world's root. */
export async function ensureMailbox({ root }: LocalWorld): Promise<Mailbox> {
  const files = filesBelow(root);
  const kept = await files.read(PATH);
  if (kept !== undefined) return JSON.parse(kept) as Mailbox;
  const made = { user: "shop", password: randomBytes(24).toString("base64url") };
  await files.write(PATH, JSON.stringify(made));
  return made;
}

import { randomBytes } from "node:crypto";
import type { LocalWorld } from "../world.ts";
import { ensureKept } from "./credentials.ts";

/** What the mail server of a local world wants of the shop. */
export interface Mailbox {
  readonly user: string;
  readonly password: string;
}

const PATH = "/local/mailbox.json";

/** Made once, kept 0600 under the world's root. */
export const ensureMailbox = ({ root }: LocalWorld): Promise<Mailbox> =>
  ensureKept(root, PATH, () => ({ user: "shop", password: randomBytes(24).toString("base64url") }));

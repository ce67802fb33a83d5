import { randomBytes } from "node:crypto";
import { filesBelow } from "../../../node-agent/src/base/files.ts";

/** Secrets Manager's content of a local world, by the name templates use. */
export type Credentials = Readonly<
  Record<"db" | "redis" | "backend" | "media" | "admin", Readonly<Record<string, string>>>
>;

const PATH = "/local/credentials.json";

const hex = (bytes: number): string => randomBytes(bytes).toString("hex");
// Punctuation on purpose: what a template renders must survive every reader.
const password = (): string => `${randomBytes(15).toString("base64url")}$'"#\\ ${hex(2)}`;

function newCredentials(): Credentials {
  return {
    db: { username: `shop_${hex(4)}`, password: password() },
    redis: { password: hex(24) },
    backend: { jwt_secret: hex(32), cookie_secret: hex(32) },
    media: { access_key_id: hex(16), secret_access_key: hex(32) },
    admin: { email: "admin@greenleaf.local", password: randomBytes(12).toString("base64url") },
  };
}

/** The credentials of a local world: made once, kept 0600 under its root. */
export const ensureCredentials = (root: string): Promise<Credentials> => ensureKept(root, PATH, newCredentials);

/** Those of a world that is there; undefined where there is none. */
export async function keptCredentials(root: string): Promise<Credentials | undefined> {
  const kept = await filesBelow(root).read(PATH);
  return kept === undefined ? undefined : (JSON.parse(kept) as Credentials);
}

/** What lies at a path under a world's root as JSON, 0600; made where it is not there. */
export async function ensureKept<T>(root: string, path: string, make: () => T): Promise<T> {
  const files = filesBelow(root);
  const kept = await files.read(path);
  if (kept !== undefined) return JSON.parse(kept) as T;
  const made = make();
  await files.write(path, JSON.stringify(made));
  return made;
}

/** Keeps an administrator's new password where the kept one is this administrator's; a world without any gets none. */
export async function keepAdmin(root: string, changed: { email: string; password: string }): Promise<void> {
  const credentials = await keptCredentials(root);
  if (credentials?.admin.email?.toLowerCase() !== changed.email.toLowerCase()) return;
  await filesBelow(root).write(PATH, JSON.stringify({ ...credentials, admin: changed }));
}

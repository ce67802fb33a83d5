import { randomBytes } from "node:crypto";
import { filesBelow } from "../../node-agent/src/adapters/files.ts";

/** Secrets Manager's content of a local world, by the name templates use. */
export type Credentials = Readonly<
  Record<"db" | "redis" | "backend" | "media" | "admin", Readonly<Record<string, string>>>
>;

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
export async function ensureCredentials(root: string): Promise<Credentials> {
  const files = filesBelow(root);
  const kept = await files.read("/local/credentials.json");
  if (kept !== undefined) return JSON.parse(kept) as Credentials;
  const credentials = newCredentials();
  await files.write("/local/credentials.json", JSON.stringify(credentials));
  return credentials;
}

import { randomBytes } from "node:crypto";
import type { Credentials } from "../../../node-agent/src/adapters/aws/credentials.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { STORED_CREDENTIALS_PATH } from "../../../node-agent/src/base/paths.ts";
import type { LocalWorld } from "../world.ts";

/** The key that this world's own AWS wants of whoever asks it: made once, readable by root only. */
export async function ensureAwsCredentials({ root }: LocalWorld): Promise<Credentials> {
  const files = filesBelow(root);
  const kept = await files.read(STORED_CREDENTIALS_PATH);
  if (kept !== undefined) return JSON.parse(kept) as Credentials;
  const made = {
    accessKeyId: `GL${randomBytes(9).toString("hex").toUpperCase()}`,
    secretAccessKey: randomBytes(30).toString("base64url"),
  };
  await files.write(STORED_CREDENTIALS_PATH, JSON.stringify(made));
  return made;
}

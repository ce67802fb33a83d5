import { ConfigurationError } from "../../base/errors.ts";
import type { Files } from "../../base/files.ts";
import { STORED_CREDENTIALS_PATH } from "../../base/paths.ts";
import type { CredentialSource, Credentials } from "./credentials.ts";

/**
 * Credentials that lie on the node, before any others: what a shell says of some AWS account is not for a local world,
 * and a world from before there was such a file goes on with `otherwise`.
 */
export function storedCredentials(files: Files, otherwise: CredentialSource): CredentialSource {
  return {
    renew: () => otherwise.renew(),
    get: async () => {
      const text = await files.read(STORED_CREDENTIALS_PATH);
      return text === undefined ? otherwise.get() : parseCredentials(text);
    },
  };
}

function parseCredentials(text: string): Credentials {
  try {
    const { accessKeyId, secretAccessKey } = JSON.parse(text) as Partial<Credentials>;
    if (accessKeyId && secretAccessKey) return { accessKeyId, secretAccessKey };
  } catch {
    // Not told: half a key must not reach a message.
  }
  throw new ConfigurationError(`${STORED_CREDENTIALS_PATH} holds no AWS credentials`, {
    code: "aws.credentials-file",
    why: "it is damaged: accessKeyId and secretAccessKey are expected",
    fix: "remove it and run: sudo ./greenleaf up",
  });
}

import { ConfigurationError, TemporaryError } from "../../base/errors.ts";
import type { Clock } from "../../base/wait.ts";

/** AWS credentials; the session token comes with those of an instance role. */
export interface Credentials {
  accessKeyId: string;
  secretAccessKey: string;
  sessionToken?: string;
}

/** Gives credentials that are good for the next five minutes at least; `renew` forgets what is cached. */
export interface CredentialSource {
  get(): Promise<Credentials>;
  renew(): void;
}

/** Text of a path below /latest/meta-data, undefined where there is no such path; keeps asking in its own time limit. */
export type ReadMetadata = (path: string) => Promise<string | undefined>;

const ROLE_PATH = "iam/security-credentials/";
// AWS renews a role's credentials five minutes before they end.
const MARGIN_MS = 5 * 60_000;

/** From the process environment where it has them (a local node), else from the instance's role through IMDS. */
export function credentialSource(
  environment: Readonly<Record<string, string | undefined>>,
  { clock, metadata }: { clock: Clock; metadata: ReadMetadata | undefined },
): CredentialSource {
  const given = fromEnvironment(environment);
  if (given) return { get: async () => given, renew: () => undefined };
  let cached: { credentials: Credentials; expires: number } | undefined;
  return {
    renew: () => (cached = undefined),
    get: async () => {
      if (metadata === undefined) throw noSource();
      if (!cached || cached.expires - MARGIN_MS < clock.date().getTime()) cached = await fromRole(metadata);
      return cached.credentials;
    },
  };
}

function fromEnvironment(environment: Readonly<Record<string, string | undefined>>): Credentials | undefined {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey } = environment;
  if (!accessKeyId || !secretAccessKey) return undefined;
  const sessionToken = environment.AWS_SESSION_TOKEN;
  return { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
}

async function fromRole(metadata: ReadMetadata): Promise<{ credentials: Credentials; expires: number }> {
  const role = (await metadata(ROLE_PATH))?.trim().split("\n")[0];
  const found = parseObject(role ? await metadata(`${ROLE_PATH}${role}`) : undefined);
  const { AccessKeyId: accessKeyId, SecretAccessKey: secretAccessKey, Token, Expiration } = found;
  if (!accessKeyId || !secretAccessKey || !Expiration) throw noRole(found.Code ?? "no role");
  const credentials = { accessKeyId, secretAccessKey, ...(Token ? { sessionToken: Token } : {}) };
  return { credentials, expires: Date.parse(Expiration) };
}

// A cut answer is the same as none; its text must not reach a message, for it may hold half a key.
function parseObject(text: string | undefined): Record<string, string | undefined> {
  try {
    return JSON.parse(text ?? "{}") as Record<string, string | undefined>;
  } catch {
    return { Code: "a document that is cut short" };
  }
}

function noRole(answer: string): TemporaryError {
  return new TemporaryError("AWS credentials are not available", {
    code: "aws.credentials-late",
    why: `IMDS answered ${answer}`,
    fix: "give the instance a profile with a role (a new one takes some seconds to appear)",
  });
}

function noSource(): ConfigurationError {
  return new ConfigurationError("AWS credentials are missing", {
    code: "aws.credentials-missing",
    why: "this machine has no IMDS and the environment has no AWS_ACCESS_KEY_ID with AWS_SECRET_ACCESS_KEY",
    fix: "set both in the environment of the agent",
  });
}

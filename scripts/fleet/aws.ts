import { sendSigned } from "../../node-agent/src/adapters/signed-request.ts";
import { queryOutcome } from "../../node-agent/src/core/query-answer.ts";
import { ConfigurationError, PermissionError, TemporaryError } from "../../node-agent/src/errors.ts";

const CALL_MS = 30_000;

/** AWS as an operator's command calls it: the two variables of the guide, one region. */
export interface AwsAccount {
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly credentials: {
    readonly accessKeyId: string;
    readonly secretAccessKey: string;
    readonly sessionToken?: string;
  };
}

export function accountFromEnvironment(env: NodeJS.ProcessEnv = process.env): AwsAccount {
  const { AWS_ACCESS_KEY_ID: accessKeyId, AWS_SECRET_ACCESS_KEY: secretAccessKey, AWS_SESSION_TOKEN } = env;
  if (!accessKeyId || !secretAccessKey) {
    throw new ConfigurationError("no AWS credentials", {
      why: "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are not both set",
      fix: "export them, then run the same command again",
    });
  }
  return {
    region: env.AWS_REGION ?? "eu-west-3",
    endpoint: env.AWS_ENDPOINT_URL,
    credentials: { accessKeyId, secretAccessKey, ...(AWS_SESSION_TOKEN ? { sessionToken: AWS_SESSION_TOKEN } : {}) },
  };
}

/** Refused by AWS for a reason a caller may know. */
export class AwsRefusal extends Error {
  readonly code: string;

  constructor(action: string, code: string, message: string) {
    super(`${action}: ${code}: ${message}`);
    this.name = "AwsRefusal";
    this.code = code;
  }
}

export interface QueryService {
  readonly service: string;
  readonly version: string;
}

/** One call of a Query API (EC2, Auto Scaling, ELB, ElastiCache, RDS, STS): XML. */
export async function query(
  account: AwsAccount,
  { service, version }: QueryService,
  action: string,
  parameters: Readonly<Record<string, string>> = {},
): Promise<string> {
  const body = new URLSearchParams({ Action: action, Version: version, ...parameters }).toString();
  const headers = { "content-type": "application/x-www-form-urlencoded; charset=utf-8" };
  const answer = await send(account, { service, headers, body });
  const outcome = queryOutcome(answer.status, answer.body);
  if (outcome.kind === "ok") return answer.body;
  if (outcome.kind === "retry") throw unavailable(`${service}:${action}`, outcome.because);
  throw refusal(`${service}:${action}`, outcome.code, outcome.message);
}

/** One call of a JSON API (KMS, ECR, ACM); `target` is what X-Amz-Target says before the action. */
export async function json(
  account: AwsAccount,
  { service, target }: { readonly service: string; readonly target: string },
  action: string,
  body: object,
): Promise<Readonly<Record<string, unknown>>> {
  const headers = { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${target}.${action}` };
  const answer = await send(account, { service, headers, body: JSON.stringify(body) });
  if (answer.status < 300) return (answer.body === "" ? {} : JSON.parse(answer.body)) as Record<string, unknown>;
  if (answer.status >= 500) throw unavailable(`${service}:${action}`, `HTTP ${answer.status}`);
  throw jsonRefusal(`${service}:${action}`, answer.body);
}

function jsonRefusal(action: string, body: string): Error {
  const code = body.match(/"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/)?.[1] ?? "unknown";
  return refusal(action, code, body.match(/"[mM]essage"\s*:\s*"([^"]*)"/)?.[1] ?? "no message");
}

interface Sent {
  readonly service: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

function send({ region, endpoint, credentials }: AwsAccount, { service, headers, body }: Sent) {
  const host = service === "ecr" ? `api.ecr.${region}` : `${service}.${region}`;
  const url = new URL(endpoint ?? `https://${host}.amazonaws.com/`);
  return sendSigned({ service, region, credentials, url, method: "POST", headers, body, timeoutMs: CALL_MS });
}

function refusal(action: string, code: string, message: string): Error {
  if (!/AccessDenied|Unauthorized|InvalidClientTokenId|SignatureDoesNotMatch/.test(code))
    return new AwsRefusal(action, code, message);
  return new PermissionError(`${action} was denied`, {
    why: `${code}: ${message}`,
    fix: "use credentials that may administer this account",
  });
}

function unavailable(action: string, because: string): TemporaryError {
  return new TemporaryError(`${action} gave no answer`, { why: because, fix: "run the same command again" });
}

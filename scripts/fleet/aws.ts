import type { AwsCredentialIdentity, AwsCredentialIdentityProvider } from "@smithy/types";
import { sendSigned } from "../../node-agent/src/adapters/aws/signed/signed-request.ts";
import { awsDomain } from "../../node-agent/src/base/aws-domain.ts";
import { ConfigurationError, PermissionError, TemporaryError } from "../../node-agent/src/base/errors.ts";
import { type Outcome, outcomeOf, queryOutcome } from "../../node-agent/src/core/aws/outcome.ts";

const CALL_MS = 30_000;

/** AWS as an operator's command calls it: one region, with credentials the SDK's clients take as well. */
export interface AwsAccount {
  readonly region: string;
  readonly endpoint: string | undefined;
  readonly credentials: AwsCredentialIdentity | AwsCredentialIdentityProvider;
}

/**
 * The account every AWS tool would use here: environment, profile, SSO, web identity, a program, container or instance,
 * in the SDK's own order. Long work outlives credentials that are renewed, so they are asked for at each call.
 */
export async function accountFromEnvironment(): Promise<AwsAccount> {
  const [{ defaultProvider }, { loadConfig, NODE_REGION_CONFIG_FILE_OPTIONS, NODE_REGION_CONFIG_OPTIONS }] =
    await Promise.all([import("@aws-sdk/credential-provider-node"), import("@smithy/core/config")]);
  const credentials = defaultProvider();
  const ofProfile = loadConfig(NODE_REGION_CONFIG_OPTIONS, NODE_REGION_CONFIG_FILE_OPTIONS)().catch(() => "eu-west-3");
  await credentials().catch((cause: unknown) => {
    throw noCredentials(cause);
  });
  const { AWS_REGION, AWS_DEFAULT_REGION, AWS_ENDPOINT_URL } = process.env;
  const region = AWS_REGION || AWS_DEFAULT_REGION || (await ofProfile);
  return { region, endpoint: AWS_ENDPOINT_URL || undefined, credentials };
}

function noCredentials(cause: unknown): ConfigurationError {
  const { AWS_PROFILE: profile } = process.env;
  return new ConfigurationError("no AWS credentials", {
    code: "aws.credentials-missing",
    why: cause instanceof Error ? cause.message : String(cause),
    fix: profile
      ? `log in to profile ${profile} (aws sso login --profile ${profile}), or name another in AWS_PROFILE`
      : "log in (aws configure, aws sso login), or export AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY",
    cause,
  });
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
  succeeded(`${service}:${action}`, queryOutcome(answer));
  return answer.body;
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
  succeeded(`${service}:${action}`, outcomeOf(answer));
  return (answer.body === "" ? {} : JSON.parse(answer.body)) as Record<string, unknown>;
}

/** One question to a REST API that answers JSON (SES); `path` begins with a slash. */
export async function restJson(
  account: AwsAccount,
  service: string,
  path: string,
): Promise<Readonly<Record<string, unknown>>> {
  const answer = await send(account, { service, method: "GET", path, headers: {}, body: "" });
  succeeded(`${service}:GET ${path}`, outcomeOf(answer));
  return JSON.parse(answer.body) as Record<string, unknown>;
}

interface Sent {
  readonly service: string;
  readonly method?: "GET";
  readonly path?: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** Those that are of the whole world, and not named as the others are. */
const HOSTS: Readonly<Record<string, string>> = {
  budgets: "https://budgets.amazonaws.com/",
  freetier: "https://freetier.us-east-1.api.aws/",
  pricing: "https://api.pricing.us-east-1.amazonaws.com/",
};
/** What a host begins with, where that is not the name that is signed. */
const PREFIXES: Readonly<Record<string, string>> = { ecr: "api.ecr", ses: "email" };

async function send({ region: home, endpoint, credentials }: AwsAccount, sent: Sent) {
  const { service, method = "POST", path = "/", headers, body } = sent;
  // IAM is of the whole world: one address, and signatures of one region.
  const isGlobal = service === "iam" && awsDomain(home) === "amazonaws.com";
  const region = isGlobal ? "us-east-1" : home;
  const host = `${PREFIXES[service] ?? service}.${region}`;
  const named = isGlobal ? service : host;
  const url = new URL(path, endpoint ?? HOSTS[service] ?? `https://${named}.${awsDomain(home)}/`);
  const given = typeof credentials === "function" ? await credentials() : credentials;
  return sendSigned({ service, region, credentials: given, url, method, headers, body, timeoutMs: CALL_MS });
}

function succeeded(action: string, outcome: Outcome): void {
  if (outcome.kind === "ok") return;
  if (outcome.kind === "retry") throw unavailable(action, outcome.why);
  if (outcome.kind === "rejected") throw new AwsRefusal(action, outcome.code, outcome.message);
  throw new PermissionError(`${action} was denied`, {
    code: "aws.denied",
    why: `${outcome.code}: ${outcome.message}`,
    fix: "use credentials that may administer this account",
  });
}

function unavailable(action: string, why: string): TemporaryError {
  return new TemporaryError(`${action} gave no answer`, {
    code: "aws.no-answer",
    why: why,
    fix: "run the same command again",
  });
}

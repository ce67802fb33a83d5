import { awsDomain } from "../../../base/aws-domain.ts";
import { PermissionError } from "../../../base/errors.ts";
import type { HttpAnswer } from "../../../base/http-request.ts";
import { type Clock, done, pending, until } from "../../../base/wait.ts";
import { type Outcome, queryOutcome } from "../../../core/aws/outcome.ts";
import type { CredentialSource, Credentials } from "../credentials.ts";
import { serverTime } from "./server-time.ts";
import { sendSigned } from "./signed-request.ts";

export interface QueryApi {
  /** As signed and as in the host name: `autoscaling`, `ec2`. */
  readonly service: string;
  readonly apiVersion: string;
  readonly region: string;
  /** In place of https://<service>.<region>.amazonaws.com. */
  readonly endpoint?: string;
}

export interface QueryOptions {
  clock: Clock;
  credentials: CredentialSource;
  /** Milliseconds for all attempts of one call; default 30 s. */
  budgetMs?: number;
  random?: () => number;
}

export type QueryAnswer = { kind: "ok"; xml: string } | { kind: "rejected"; code: string; message: string };

/** Sends one action; retries what a retry can fix and throws when time is up or IAM says no. */
export type SignedQuery = (action: string, parameters?: Readonly<Record<string, string>>) => Promise<QueryAnswer>;

const ATTEMPT_MS = 5_000;

/**
 * A caller of an AWS Query API (EC2, Auto Scaling) without an SDK client: the client would cost the daemon's process
 * 70 MB (decision 11). Corrects its clock by the server's Date header, since a signature more than 5 minutes off is refused.
 */
export function signedQuery(api: QueryApi, options: QueryOptions): SignedQuery {
  const { clock, credentials } = options;
  const time = serverTime(clock);
  const attempt = async (body: string): Promise<{ answer: HttpAnswer; outcome: Outcome }> => {
    const given = await credentials.get();
    const answer = await send(api, body, { credentials: given, at: time.now() });
    const clockCorrected = answer.status >= 400 && time.learn(answer.headers);
    const outcome = queryOutcome({ status: answer.status, body: answer.body, clockCorrected });
    if (outcome.kind === "retry" && outcome.renewCredentials) credentials.renew();
    return { answer, outcome };
  };
  return (action, parameters = {}) =>
    until(clock, waitFor(api, action, options), async () => {
      const body = new URLSearchParams({ Action: action, Version: api.apiVersion, ...parameters }).toString();
      const { answer, outcome } = await attempt(body).catch((cause: unknown) => unreached(cause));
      if (outcome.kind === "retry") return pending(outcome.why);
      if (outcome.kind === "denied") throw denied(api, action, outcome);
      return done(outcome.kind === "ok" ? { kind: "ok", xml: answer.body } : outcome);
    });
}

function waitFor(api: QueryApi, action: string, options: QueryOptions) {
  return {
    what: `an answer to ${api.service}:${action}`,
    withinMs: options.budgetMs ?? 30_000,
    everyMs: 200,
    growth: 2,
    maxMs: 5_000,
    random: options.random ?? Math.random,
    fix: "check the route to AWS (the NAT router of this zone), then try again",
  };
}

function send({ service, region, endpoint }: QueryApi, body: string, signing: { credentials: Credentials; at: Date }) {
  return sendSigned({
    service,
    region,
    ...signing,
    url: new URL(endpoint ?? `https://${service}.${region}.${awsDomain(region)}`),
    method: "POST",
    headers: { "content-type": "application/x-www-form-urlencoded; charset=utf-8" },
    body,
    timeoutMs: ATTEMPT_MS,
  });
}

// No answer at all, or no credentials yet: both may pass within the budget.
function unreached(cause: unknown): { answer: HttpAnswer; outcome: Outcome } {
  const why = cause instanceof Error ? cause.message : String(cause);
  return { answer: { status: 0, headers: {}, body: "" }, outcome: { kind: "retry", why, renewCredentials: false } };
}

function denied(api: QueryApi, action: string, { code, message }: { code: string; message: string }): PermissionError {
  return new PermissionError(`${api.service}:${action} was denied`, {
    code: "aws.denied",
    why: `${code}: ${message}`,
    fix: `allow ${api.service}:${action} in the instance's role`,
  });
}

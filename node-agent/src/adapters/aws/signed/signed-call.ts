import type { Clock } from "../core/retry.ts";
import { TemporaryError } from "../errors.ts";
import type { CredentialSource, Credentials } from "./credentials.ts";
import type { HttpAnswer } from "./http-request.ts";
import type { SignedCall } from "./lease.ts";
import { sendSigned } from "./signed-request.ts";

export interface CallPlace {
  readonly region: string;
  /** In place of https://dynamodb.<region>.amazonaws.com. */
  readonly endpoint?: string;
}

/** Milliseconds for one call: a lease that takes longer is not one to act on. */
const CALL_MS = 2_000;
/** AWS refuses a signature that is more than five minutes off; a clock that is less off is not the reason. */
const SKEW_MS = 60_000;

/**
 * Signed calls of DynamoDB without an SDK client, for the same reason as signedQuery. Its user decides when to try
 * again; only a clock that is off is corrected by the server's and tried once more at once.
 */
export function signedCall(
  place: CallPlace,
  { clock, credentials }: { clock: Clock; credentials: CredentialSource },
): SignedCall {
  let offsetMs = 0;
  return async (operation, body) => {
    const attempt = async () =>
      send(place, await credentials.get(), {
        operation,
        body: JSON.stringify(body),
        at: new Date(clock.date().getTime() + offsetMs),
      });
    const answer = await attempt();
    const serverMs = Date.parse(String(answer.headers.date ?? ""));
    const skewMs = serverMs - clock.date().getTime();
    if (answer.status < 400 || Number.isNaN(skewMs) || Math.abs(skewMs - offsetMs) < SKEW_MS) return answer;
    offsetMs = skewMs;
    return attempt();
  };
}

interface Call {
  readonly operation: string;
  readonly body: string;
  readonly at: Date;
}

function send(
  { region, endpoint }: CallPlace,
  credentials: Credentials,
  { operation, body, at }: Call,
): Promise<HttpAnswer> {
  return sendSigned({
    service: "dynamodb",
    region,
    credentials,
    at,
    url: new URL(endpoint ?? `https://dynamodb.${region}.amazonaws.com`),
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
    },
    body,
    timeoutMs: CALL_MS,
  }).catch((cause: unknown) => {
    throw new TemporaryError(`dynamodb of ${region} gave no answer`, {
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "check the way from this router to AWS",
      cause,
    });
  });
}

import { awsDomain } from "../../../base/aws-domain.ts";
import { TemporaryError } from "../../../base/errors.ts";
import type { HttpAnswer } from "../../../base/http-request.ts";
import type { Clock } from "../../../base/wait.ts";
import type { CredentialSource, Credentials } from "../credentials.ts";
import type { SignedCall } from "../lease.ts";
import { serverTime } from "./server-time.ts";
import { sendSigned } from "./signed-request.ts";

export interface CallPlace {
  readonly region: string;
  /** In place of https://dynamodb.<region>.amazonaws.com. */
  readonly endpoint?: string;
}

/** Milliseconds for one call: a lease that takes longer is not one to act on. */
const CALL_MS = 2_000;

/**
 * Signed calls of DynamoDB without an SDK client, for the same reason as signedQuery. Its user decides when to try
 * again; only a clock that is off is corrected by the server's and tried once more at once.
 */
export function signedCall(
  place: CallPlace,
  { clock, credentials }: { clock: Clock; credentials: CredentialSource },
): SignedCall {
  const time = serverTime(clock);
  return async (operation, body) => {
    const attempt = async () =>
      send(place, await credentials.get(), {
        operation,
        body: JSON.stringify(body),
        at: time.now(),
      });
    const answer = await attempt();
    return answer.status >= 400 && time.learn(answer.headers) ? attempt() : answer;
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
    url: new URL(endpoint ?? `https://dynamodb.${region}.${awsDomain(region)}`),
    method: "POST",
    headers: {
      "content-type": "application/x-amz-json-1.0",
      "x-amz-target": `DynamoDB_20120810.${operation}`,
    },
    body,
    timeoutMs: CALL_MS,
  }).catch((cause: unknown) => {
    throw new TemporaryError(`dynamodb of ${region} gave no answer`, {
      code: "aws.no-answer",
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "check the way from this router to AWS",
      cause,
    });
  });
}

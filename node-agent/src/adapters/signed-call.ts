import type { Clock } from "../core/retry.ts";
import { TemporaryError } from "../errors.ts";
import type { CredentialSource } from "./credentials.ts";
import { type HttpAnswer, httpRequest } from "./http-request.ts";
import type { SignedCall } from "./lease.ts";
import { Sha256 } from "./signed-query.ts";

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

async function send(
  { region, endpoint }: CallPlace,
  credentials: Awaited<ReturnType<CredentialSource["get"]>>,
  { operation, body, at }: Call,
): Promise<HttpAnswer> {
  const { SignatureV4 } = await import("@smithy/signature-v4");
  const url = new URL(endpoint ?? `https://dynamodb.${region}.amazonaws.com`);
  const signer = new SignatureV4({ service: "dynamodb", region, credentials, sha256: Sha256 });
  const headers = {
    host: url.host,
    "content-type": "application/x-amz-json-1.0",
    "x-amz-target": `DynamoDB_20120810.${operation}`,
  };
  const wanted = { method: "POST", protocol: url.protocol, hostname: url.hostname, path: url.pathname, headers, body };
  const signed = await signer.sign(wanted, { signingDate: at });
  return httpRequest({ url: url.href, method: "POST", headers: signed.headers, body, timeoutMs: CALL_MS }).catch(
    (cause: unknown) => {
      throw new TemporaryError(`dynamodb of ${region} gave no answer`, {
        why: cause instanceof Error ? cause.message : String(cause),
        fix: "check the way from this router to AWS",
        cause,
      });
    },
  );
}

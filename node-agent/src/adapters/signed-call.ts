import type { Clock } from "../core/retry.ts";
import { TemporaryError } from "../errors.ts";
import type { CredentialSource } from "./credentials.ts";
import { httpRequest } from "./http-request.ts";
import type { SignedCall } from "./lease.ts";
import { Sha256 } from "./signed-query.ts";

export interface CallPlace {
  readonly region: string;
  /** In place of https://<service>.<region>.amazonaws.com. */
  readonly endpoint?: string;
}

/** Milliseconds for one call: a lease that takes longer is not one to act on. */
const CALL_MS = 2_000;

/** Signed calls of DynamoDB and S3 without an SDK client, for the same reason as signedQuery. Not retried: its user decides again. */
export function signedCall(
  { region, endpoint }: CallPlace,
  { clock, credentials }: { clock: Clock; credentials: CredentialSource },
): SignedCall {
  return async ({ service, method, path, headers, body }) => {
    const { SignatureV4 } = await import("@smithy/signature-v4");
    const url = new URL(path, endpoint ?? `https://${service}.${region}.amazonaws.com`);
    // S3 signs the path as it is, the others escape it twice.
    const signer = new SignatureV4({
      service,
      region,
      credentials: await credentials.get(),
      sha256: Sha256,
      uriEscapePath: service !== "s3",
    });
    const signed = await signer.sign(
      {
        method,
        protocol: url.protocol,
        hostname: url.hostname,
        path: url.pathname,
        headers: { host: url.host, ...headers },
        body,
      },
      { signingDate: clock.date() },
    );
    return httpRequest({
      url: url.href,
      method,
      headers: signed.headers,
      ...(body === "" ? {} : { body }),
      timeoutMs: CALL_MS,
    }).catch((cause: unknown) => {
      throw new TemporaryError(`${service} of ${region} gave no answer`, {
        why: cause instanceof Error ? cause.message : String(cause),
        fix: "check the way from this router to AWS",
        cause,
      });
    });
  };
}

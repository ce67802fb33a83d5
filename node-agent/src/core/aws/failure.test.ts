import { expect, test } from "vitest";
import { judgeFailure } from "./failure.ts";
import { outcomeOf, queryOutcome } from "./outcome.ts";

/** Code, HTTP status and what it means, as AWS documents them; one table for every way AWS is called. */
const CODES: ReadonlyArray<readonly [code: string, status: number, means: "retry" | "renew" | "denied" | "refused"]> = [
  // Too much at once.
  ["BandwidthLimitExceeded", 400, "retry"],
  ["EC2ThrottledException", 400, "retry"],
  ["LimitExceededException", 400, "retry"],
  ["PriorRequestNotComplete", 400, "retry"],
  ["ProvisionedThroughputExceededException", 400, "retry"],
  ["RequestLimitExceeded", 503, "retry"],
  ["RequestThrottled", 400, "retry"],
  ["RequestThrottledException", 400, "retry"],
  ["ResourceContention", 400, "retry"],
  ["SlowDown", 503, "retry"],
  ["SlowDown", 400, "retry"],
  ["ThrottledException", 400, "retry"],
  ["Throttling", 400, "retry"],
  ["ThrottlingException", 400, "retry"],
  ["TooManyRequestsException", 429, "retry"],
  ["TransactionInProgressException", 400, "retry"],
  // Their side, and the way there.
  ["InternalError", 500, "retry"],
  ["InternalFailure", 500, "retry"],
  ["InternalServerError", 500, "retry"],
  ["ServiceUnavailable", 503, "retry"],
  ["ServiceUnavailableException", 503, "retry"],
  ["Unavailable", 503, "retry"],
  ["KMSInternalException", 500, "retry"],
  ["DependencyTimeoutException", 503, "retry"],
  ["RequestTimeout", 400, "retry"],
  ["RequestTimeoutException", 408, "retry"],
  ["OperationAborted", 409, "retry"],
  ["IDPCommunicationError", 400, "retry"],
  ["HTTP 408", 408, "retry"],
  ["HTTP 429", 429, "retry"],
  ["HTTP 502", 502, "retry"],
  ["TimeoutError", 0, "retry"],
  ["AbortError", 0, "retry"],
  ["SyntaxError", 0, "retry"],
  // The clock, where the answer has no date that tells by how much.
  ["RequestInTheFuture", 403, "retry"],
  ["RequestTimeTooSkewed", 403, "retry"],
  // Credentials that have ended.
  ["ExpiredToken", 400, "renew"],
  ["ExpiredTokenException", 400, "renew"],
  ["RequestExpired", 400, "renew"],
  ["TokenRefreshRequired", 400, "renew"],
  // A right that is missing, and credentials that never were.
  ["AccessDenied", 403, "denied"],
  ["AccessDeniedException", 400, "denied"],
  ["AllAccessDisabled", 403, "denied"],
  ["AuthFailure", 401, "denied"],
  ["Blocked", 403, "denied"],
  ["IncompleteSignature", 400, "denied"],
  ["InvalidAccessKeyId", 403, "denied"],
  ["InvalidClientTokenId", 403, "denied"],
  ["InvalidSignatureException", 400, "denied"],
  ["MissingAuthenticationToken", 403, "denied"],
  ["NotAuthorizedException", 400, "denied"],
  ["OptInRequired", 401, "denied"],
  ["SignatureDoesNotMatch", 403, "denied"],
  ["UnauthorizedOperation", 403, "denied"],
  ["UnrecognizedClientException", 400, "denied"],
  ["HTTP 401", 401, "denied"],
  ["HTTP 403", 403, "denied"],
  // A question no patience gives another answer to; a quota is one, whatever its name says of limits.
  ["AddressLimitExceeded", 400, "refused"],
  ["ConditionalCheckFailedException", 400, "refused"],
  ["DisabledException", 400, "refused"],
  ["InvalidKeyId", 400, "refused"],
  ["InvalidNetworkInterface.InUse", 400, "refused"],
  ["InvalidObjectState", 403, "refused"],
  ["InvalidParameterValue", 400, "refused"],
  ["KMSInvalidStateException", 400, "refused"],
  ["NoSuchBucket", 404, "refused"],
  ["PermanentRedirect", 400, "refused"],
  ["ResourceNotFoundException", 400, "refused"],
  ["ValidationError", 400, "refused"],
  ["ValidationException", 400, "refused"],
  ["VpcLimitExceeded", 400, "refused"],
  ["HTTP 400", 400, "refused"],
];

test.each(CODES)("%s with HTTP %i is: %s", (name, status, means) => {
  const verdict = judgeFailure({ name, status });
  expect(verdict.kind === "retry" && verdict.renewCredentials ? "renew" : verdict.kind).toBe(means);
});

test.each(CODES.filter(([, status]) => status >= 400))(
  "%s with HTTP %i means the same in the XML of a Query API and in JSON",
  (code, status, means) => {
    const kind = { retry: "retry", renew: "retry", denied: "denied", refused: "rejected" }[means];
    const isNamed = !code.startsWith("HTTP ");
    const xml = isNamed ? `<E><Error><Code>${code}</Code><Message>no &amp; no</Message></Error></E>` : "<html></html>";
    const json = isNamed ? JSON.stringify({ __type: `com.amazon.x#${code}`, message: 'no "x"' }) : "gateway";
    expect(queryOutcome({ status, body: xml }).kind).toBe(kind);
    expect(outcomeOf({ status, body: json }).kind).toBe(kind);
    if (kind === "rejected" && isNamed) {
      expect(outcomeOf({ status, body: xml })).toEqual({ kind, code, message: "no & no" });
      expect(outcomeOf({ status, body: json })).toEqual({ kind, code, message: 'no "x"' });
    }
  },
);

test("what a wrong clock may have caused is asked again once the clock is corrected", () => {
  for (const name of ["SignatureDoesNotMatch", "AuthFailure", "InvalidSignatureException", "AccessDenied"]) {
    const verdict = judgeFailure({ name, status: 403, clockCorrected: true });
    expect(verdict).toEqual({
      kind: "retry",
      why: `${name}: the clock of this machine is off`,
      renewCredentials: false,
    });
  }
});

test("a whole document behind a 200 is an answer, a cut one is not", () => {
  const xml = `<?xml version="1.0"?>\n<AResponse xmlns="u"><R>x</R></AResponse>\n`;
  expect(queryOutcome({ status: 200, body: xml })).toEqual({ kind: "ok" });
  for (let length = 0; length < xml.trimEnd().length; length += 1)
    expect(queryOutcome({ status: 200, body: xml.slice(0, length) }).kind).toBe("retry");
});

test("an error without a document is named by its status", () => {
  expect(queryOutcome({ status: 400, body: "bad gateway" })).toEqual({
    kind: "rejected",
    code: "HTTP 400",
    message: "no message",
  });
  expect(queryOutcome({ status: 503, body: "" })).toMatchObject({ kind: "retry", why: "HTTP 503: no message" });
});

/** What of a failed call may be looked at: its message and its body can quote a secret. */
export interface AwsFailure {
  /** AWS's code, or the name of an SDK's error. */
  readonly name: string;
  /** Of the system, as in ECONNRESET. */
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  /** The next request is signed with the server's time, which this answer told. */
  readonly clockCorrected?: boolean | undefined;
}

/** `retry` may pass (once the credentials are new, where it says so), `denied` is a right that is missing. */
export type AwsVerdict =
  | { kind: "retry"; why: string; renewCredentials: boolean }
  | { kind: "denied" }
  | { kind: "refused" };

/** The lists are those of the SDKs (@smithy/service-error-classification), and what S3 and EC2 have of their own. */
const LATE = ["TimeoutError", "AbortError"];
const THROTTLED = [
  "BandwidthLimitExceeded",
  "EC2ThrottledException",
  "LimitExceededException",
  "PriorRequestNotComplete",
  "ProvisionedThroughputExceededException",
  "RequestLimitExceeded",
  "RequestThrottled",
  "RequestThrottledException",
  "ResourceContention",
  "SlowDown",
  "ThrottledException",
  "Throttling",
  "ThrottlingException",
  "TooManyRequestsException",
  "TransactionInProgressException",
];
const PASSING = ["IDPCommunicationError", "OperationAborted", "RequestTimeout", "RequestTimeoutException"];
const CLOCK = ["RequestInTheFuture", "RequestTimeTooSkewed"];
const CREDENTIALS_ENDED = ["ExpiredToken", "ExpiredTokenException", "RequestExpired", "TokenRefreshRequired"];
const DENIED = [
  "AccessDenied",
  "AccessDeniedException",
  "AccountProblem",
  "AllAccessDisabled",
  "AuthFailure",
  "Blocked",
  "ForbiddenException",
  "IncompleteSignature",
  "InvalidAccessKeyId",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "InvalidToken",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "NotAuthorized",
  "NotAuthorizedException",
  "OptInRequired",
  "SignatureDoesNotMatch",
  "UnauthorizedAccess",
  "UnauthorizedOperation",
  "UnrecognizedClientException",
];

type Kind = "passing" | "credentials" | "denied";
const kinds = (names: readonly string[], kind: Kind) => names.map((name) => [name, kind] as const);
const KINDS: ReadonlyMap<string, Kind> = new Map([
  ...kinds([...LATE, ...THROTTLED, ...PASSING, ...CLOCK], "passing"),
  ...kinds(CREDENTIALS_ENDED, "credentials"),
  ...kinds(DENIED, "denied"),
]);

/** Whether asking again can help, for every call to AWS. What cannot be read (cut short, not JSON) can be asked again. */
export function judgeFailure(failure: AwsFailure): AwsVerdict {
  const { name, status = 0, clockCorrected = false } = failure;
  const kind = KINDS.get(name) ?? kindOfStatus(status, name.startsWith("HTTP "));
  if (kind === "credentials") return { kind: "retry", why: told(failure), renewCredentials: true };
  if (clockCorrected || kind === "passing") return { kind: "retry", why: told(failure), renewCredentials: false };
  return { kind };
}

/** Of a code nobody listed, or of an answer without one; no answer at all has no status. */
function kindOfStatus(status: number, isNameless: boolean): "passing" | "denied" | "refused" {
  // S3 says 403 of an object's state too, by its code.
  if (isNameless && (status === 401 || status === 403)) return "denied";
  if (status >= 500 || status === 408 || status === 429 || status < 400) return "passing";
  return "refused";
}

function told({ name, code, status = 0, clockCorrected = false }: AwsFailure): string {
  if (LATE.includes(name)) return "no complete answer in time";
  if (clockCorrected) return `${name}: the clock of this machine is off`;
  if (status >= 400) return name.startsWith("HTTP ") ? name : `${name} (HTTP ${status})`;
  return code ?? `an answer that could not be read (${name})`;
}

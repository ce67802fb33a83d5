/** What of an SDK error may be looked at: its message and its body can quote a secret. */
export interface AwsFailure {
  readonly name: string;
  /** Of the system, as in ECONNRESET. */
  readonly code?: string | undefined;
  readonly status?: number | undefined;
  /** The SDK has learned the server's time from this answer. */
  readonly clockCorrected?: boolean | undefined;
}

export type AwsVerdict =
  | { kind: "retry"; because: string; renewCredentials: boolean }
  | { kind: "denied" }
  | { kind: "refused" };

const LATE = new Set(["TimeoutError", "AbortError"]);
const THROTTLED = /thrott|slowdown|limitexceeded|toomanyrequests|bandwidth/i;
const CREDENTIALS_ENDED = new Set(["ExpiredToken", "ExpiredTokenException", "RequestExpired"]);
const DENIED = new Set([
  "AccessDenied",
  "AccessDeniedException",
  "AuthFailure",
  "IncompleteSignature",
  "InvalidClientTokenId",
  "InvalidSignatureException",
  "MissingAuthenticationToken",
  "MissingAuthenticationTokenException",
  "NotAuthorized",
  "OptInRequired",
  "SignatureDoesNotMatch",
  "UnauthorizedOperation",
  "UnrecognizedClientException",
]);

/** Whether asking again can help. What cannot be read at all (cut short, not JSON) can be asked for again. */
export function judgeFailure(failure: AwsFailure): AwsVerdict {
  const { name, status = 0 } = failure;
  const ended = CREDENTIALS_ENDED.has(name);
  if (ended || isPassing(failure)) return { kind: "retry", because: told(failure), renewCredentials: ended };
  if (DENIED.has(name)) return { kind: "denied" };
  if (status >= 400) return { kind: "refused" };
  return { kind: "retry", because: told(failure), renewCredentials: false };
}

function isPassing({ name, status = 0, clockCorrected = false }: AwsFailure): boolean {
  return clockCorrected || LATE.has(name) || THROTTLED.test(name) || status >= 500 || status === 429;
}

function told({ name, code, status = 0, clockCorrected = false }: AwsFailure): string {
  if (LATE.has(name)) return "no complete answer in time";
  if (clockCorrected) return `${name}: the clock of this machine is off`;
  if (status >= 400) return `${name} (HTTP ${status})`;
  return code ?? `an answer that could not be read (${name})`;
}

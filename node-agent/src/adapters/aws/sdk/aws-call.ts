import { AgentError, ConfigurationError, PermissionError } from "../../../base/errors.ts";
import { done, type ProbeResult, pending } from "../../../base/wait.ts";
import { judgeFailure } from "../../../core/aws/failure.ts";
import type { CredentialSource } from "../credentials.ts";

/** Where AWS is and as whom. */
export interface AwsAccess {
  readonly region: string;
  /** In place of the regional addresses. */
  readonly endpoint?: string;
  readonly credentials: CredentialSource;
}

export interface Call {
  /** IAM name, as in `ssm:GetParameters`. */
  readonly action: string;
  readonly credentials: CredentialSource;
  /** Milliseconds this attempt may take. */
  readonly timeoutMs: number;
}

/** The part of an SDK error that is looked at. */
interface SdkError {
  readonly name?: string;
  readonly message?: string;
  readonly code?: string;
  readonly $metadata?: { readonly httpStatusCode?: number; readonly clockSkewCorrected?: boolean };
}

/**
 * One attempt of one SDK call, translated: an answer, `pending` where asking again can help, or the error that cannot
 * be fixed. Never passes on the SDK's error: a parser's complaint about a truncated answer quotes the secret in it.
 */
export async function attempt<T>(call: Call, send: (signal: AbortSignal) => Promise<T>): Promise<ProbeResult<T>> {
  const abort = new AbortController();
  const timer = setTimeout(() => abort.abort(), call.timeoutMs);
  try {
    return done(await Promise.race([send(abort.signal), expiry(abort.signal)]));
  } catch (error) {
    if (error instanceof AgentError) throw error;
    return translated(call, error as SdkError);
  } finally {
    clearTimeout(timer);
  }
}

// However the SDK treats the signal while a body trickles in, the attempt ends.
function expiry(signal: AbortSignal): Promise<never> {
  return new Promise((_, reject) => {
    signal.addEventListener("abort", () => reject(Object.assign(new Error("timed out"), { name: "TimeoutError" })));
  });
}

/** The end of an attempt that failed: `pending`, or the error that cannot be fixed. */
export function translated(
  { action, credentials }: Pick<Call, "action" | "credentials">,
  error: SdkError,
): ProbeResult<never> {
  const { name = "unknown error", code, $metadata } = error;
  const { httpStatusCode: status, clockSkewCorrected: clockCorrected } = $metadata ?? {};
  const verdict = judgeFailure({ name, code, status, clockCorrected });
  if (verdict.kind === "denied") throw denied(action, error);
  if (verdict.kind === "refused") throw refused(action, error);
  if (verdict.renewCredentials) credentials.renew();
  return pending(`${action}: ${verdict.why}`);
}

function denied(action: string, { name, message }: SdkError): PermissionError {
  return new PermissionError(`${action} was denied`, {
    code: "aws.denied",
    why: `${name}: ${message ?? "no reason given"}`,
    fix: `allow ${action} (and kms:Decrypt of its key) in the instance's role`,
  });
}

function refused(action: string, { name }: SdkError): ConfigurationError {
  return new ConfigurationError(`${action} was refused`, {
    code: "aws.refused",
    why: `AWS answered ${name}`,
    fix: "check the names under the node's parameters path and their KMS keys",
  });
}

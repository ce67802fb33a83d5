import { AnswerTooLarge } from "../../../base/bounded-body.ts";
import { AgentError, ConfigurationError } from "../../../base/errors.ts";
import type { HttpAnswer } from "../../../base/http-request.ts";
import { type Clock, done, type ProbeResult, pending } from "../../../base/wait.ts";
import { refusalIn } from "../../../core/aws/answer.ts";
import { type AwsAccess, translated } from "../sdk/aws-call.ts";
import { serverTime } from "./server-time.ts";
import { sendSigned } from "./signed-request.ts";

export interface SignedAttempt {
  /** IAM name, as in `s3:GetObject`. */
  readonly action: string;
  /** As signed: `s3`, `ecr`. */
  readonly service: string;
  /** Where it is when no endpoint stands in its place. */
  readonly host: string;
  readonly method: "GET" | "POST";
  readonly path: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly encoding?: "latin1";
  readonly maxBytes?: number;
}

/** One signed request; 2xx and 404 are answers, the rest is `pending` or an error that cannot be fixed. */
export type Attempt = (wanted: SignedAttempt, timeoutMs: number) => Promise<ProbeResult<HttpAnswer>>;

/** Single signed requests without an SDK client, for the phases to repeat; corrects its clock by the server's Date. */
export function signedAttempts(access: AwsAccess, clock: Clock): Attempt {
  const time = serverTime(clock);
  return async (wanted, timeoutMs) => {
    try {
      const answer = await send(access, wanted, { at: time.now(), timeoutMs });
      if (answer.status < 300 || answer.status === 404) return done(answer);
      const { action } = wanted;
      const failure = {
        ...refusalIn(answer.status, answer.body),
        $metadata: { httpStatusCode: answer.status, clockSkewCorrected: time.learn(answer.headers) },
      };
      return translated({ action, credentials: access.credentials }, failure);
    } catch (error) {
      if (error instanceof AgentError) throw error;
      if (error instanceof AnswerTooLarge && wanted.maxBytes !== undefined) throw tooLarge(wanted, error);
      return pending(`${wanted.action}: ${error instanceof Error ? error.message : String(error)}`);
    }
  };
}

async function send(
  { region, endpoint, credentials }: AwsAccess,
  { action: _named, host, path, headers = {}, ...wanted }: SignedAttempt,
  { at, timeoutMs }: { at: Date; timeoutMs: number },
): Promise<HttpAnswer> {
  const url = new URL(path, endpoint ?? `https://${host}`);
  return sendSigned({ ...wanted, region, credentials: await credentials.get(), at, url, headers, timeoutMs });
}

function tooLarge({ action, path }: SignedAttempt, cause: AnswerTooLarge): ConfigurationError {
  return new ConfigurationError(`${action} of ${path} holds too much`, {
    code: "aws.answer-size",
    why: cause.message,
    fix: "publish the release again, then boot again",
    cause,
  });
}

import { type Answer, type Clock, done, notYet } from "../core/retry.ts";
import { AgentError } from "../errors.ts";
import { type AwsAccess, translated } from "./aws-call.ts";
import type { HttpAnswer } from "./http-request.ts";
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
}

/** One signed request; 2xx and 404 are answers, the rest is `notYet` or an error that cannot be mended. */
export type Attempt = (wanted: SignedAttempt, timeoutMs: number) => Promise<Answer<HttpAnswer>>;

/** A signature more than five minutes off is refused. */
const SKEW_MS = 4 * 60_000;

/** Single signed requests without an SDK client, for the phases to repeat; corrects its clock by the server's Date. */
export function signedAttempts(access: AwsAccess, clock: Clock): Attempt {
  let offsetMs = 0;
  return async (wanted, timeoutMs) => {
    const at = new Date(clock.date().getTime() + offsetMs);
    try {
      const answer = await send(access, wanted, { at, timeoutMs });
      if (answer.status < 300 || answer.status === 404) return done(answer);
      const skewMs = Date.parse(String(answer.headers.date)) - clock.date().getTime();
      const clockCorrected = Math.abs(skewMs - offsetMs) > SKEW_MS;
      if (clockCorrected) offsetMs = skewMs;
      const { action } = wanted;
      const failure = {
        ...toldBy(answer),
        $metadata: { httpStatusCode: answer.status, clockSkewCorrected: clockCorrected },
      };
      return translated({ action, credentials: access.credentials }, failure);
    } catch (error) {
      if (error instanceof AgentError) throw error;
      return notYet(`${wanted.action}: ${error instanceof Error ? error.message : String(error)}`);
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

/** Code and message of a refusal, in XML or JSON. */
function toldBy({ status, body }: HttpAnswer): { name: string; message?: string } {
  const name = /<Code>([^<]+)<|"__type"\s*:\s*"(?:[^"#]*#)?([^"]+)"/.exec(body);
  const message = /<Message>([^<]+)<|"[mM]essage"\s*:\s*"([^"]*)"/.exec(body);
  const said = message?.[1] ?? message?.[2];
  return { name: name?.[1] ?? name?.[2] ?? `HTTP ${status}`, ...(said === undefined ? {} : { message: said }) };
}

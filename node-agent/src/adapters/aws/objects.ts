import { awsDomain } from "../../base/aws-domain.ts";
import { MAX_BYTES } from "../../base/bounded-body.ts";
import { done, type ProbeResult } from "../../base/wait.ts";
import type { Attempt } from "./signed/signed-attempt.ts";

/** Amazon S3. */
export interface Objects {
  /** One attempt; the bytes of an object, undefined when there is none. */
  get(bucket: string, key: string, timeoutMs: number): Promise<ProbeResult<Uint8Array | undefined>>;
}

export function openObjects(attempt: Attempt, region: string): Objects {
  return {
    get: async (bucket, key, timeoutMs) => {
      const host = `s3.${region}.${awsDomain(region)}`;
      const path = `/${bucket}/${key}`;
      const wanted = {
        action: "s3:GetObject",
        service: "s3",
        host,
        method: "GET",
        path,
        encoding: "latin1",
        maxBytes: MAX_BYTES.archive,
      } as const;
      const answer = await attempt(wanted, timeoutMs);
      if (!answer.done) return answer;
      return done(answer.value.status === 404 ? undefined : Buffer.from(answer.value.body, "latin1"));
    },
  };
}

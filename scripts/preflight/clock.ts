import { awsDomain } from "../../node-agent/src/base/aws-domain.ts";
import { httpRequest } from "../../node-agent/src/base/http-request.ts";
import type { AwsAccount } from "../fleet/aws.ts";

/** By the Date header of an unsigned question: a signed one would be refused by the very fault that is looked for. */
export async function clockAheadMs({ region, endpoint }: AwsAccount, now: () => number = Date.now): Promise<number> {
  const url = endpoint ?? `https://sts.${region}.${awsDomain(region)}/`;
  const { headers } = await httpRequest({ url, timeoutMs: 10_000 });
  const theirs = Date.parse(String(headers["date"] ?? ""));
  if (Number.isNaN(theirs)) throw new Error("AWS's answer has no date");
  return now() - theirs;
}

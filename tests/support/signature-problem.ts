import { createHash, createHmac } from "node:crypto";
import type { IncomingMessage } from "node:http";

const SIGNED =
  /^AWS4-HMAC-SHA256 Credential=[^/]+\/(\d{8})\/([^/]+)\/([^/]+)\/aws4_request, SignedHeaders=([^,]+), Signature=([0-9a-f]{64})$/;

/** Checks a request's Signature Version 4 as AWS does, from the published steps; undefined when it is right. */
export function signatureProblem(request: IncomingMessage, body: string, secretKey: string): string | undefined {
  const found = SIGNED.exec(String(request.headers.authorization));
  if (!found) return `not signed: ${request.headers.authorization}`;
  const [, day = "", region = "", service = "", names = "", signature = ""] = found;
  if (!names.split(";").includes("host")) return "the host is not signed";
  const headers = names.split(";").map((name) => `${name}:${String(request.headers[name]).trim()}\n`);
  const url = new URL(request.url ?? "/", "http://fake");
  const told = payloadTold(request, body);
  const canonical = [request.method, url.pathname, url.search.slice(1), headers.join(""), names, told].join("\n");
  const scope = `${day}/${region}/${service}/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", request.headers["x-amz-date"], scope, sha256(canonical)].join("\n");
  const key = [day, region, service, "aws4_request"].reduce<string | Buffer>(
    (secret, part) => createHmac("sha256", secret).update(part).digest(),
    `AWS4${secretKey}`,
  );
  const expected = createHmac("sha256", key).update(text).digest("hex");
  return expected === signature ? undefined : `the signature does not fit: ${canonical}`;
}

/** What S3 takes the signature to cover: the header's word, which must be true of the body or leave it out. */
function payloadTold({ headers }: IncomingMessage, body: string): string {
  const told = headers["x-amz-content-sha256"];
  return told === "UNSIGNED-PAYLOAD" ? told : sha256(body);
}

const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");

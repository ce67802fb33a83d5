import { createHash, createHmac, type Hash, type Hmac } from "node:crypto";
import { type HttpAnswer, httpRequest } from "../../../base/http-request.ts";
import type { Credentials } from "../credentials.ts";

export interface SignedRequest {
  /** As signed: `ec2`, `s3`. */
  readonly service: string;
  readonly region: string;
  readonly credentials: Credentials;
  /** The date to sign with, when not this machine's; one more than five minutes off is refused. */
  readonly at?: Date;
  readonly url: URL;
  readonly method: "GET" | "POST";
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string;
  readonly timeoutMs: number;
  /** Of the answer; by default those of an API. */
  readonly maxBytes?: number;
  readonly encoding?: "latin1";
}

/** Sends one request signed with AWS Signature Version 4, without an SDK client (decision 11). */
export async function sendSigned(request: SignedRequest): Promise<HttpAnswer> {
  const { service, region, credentials, at, url, method, headers, body = "", timeoutMs, maxBytes, encoding } = request;
  const { SignatureV4 } = await import("@smithy/signature-v4");
  // S3 signs the path as it is, the others escape it twice.
  const signer = new SignatureV4({ service, region, credentials, sha256: Sha256, uriEscapePath: service !== "s3" });
  const { protocol, hostname, pathname: path, host } = url;
  const wanted = { method, protocol, hostname, path, headers: { host, ...headers }, body };
  const { headers: signed } = await signer.sign(wanted, at && { signingDate: at });
  return httpRequest({
    url: url.href,
    method,
    headers: signed,
    timeoutMs,
    ...(maxBytes === undefined ? {} : { maxBytes }),
    ...(body === "" ? {} : { body }),
    ...(encoding === undefined ? {} : { encoding }),
  });
}

/** Node's hashes in the form the signer asks for. */
class Sha256 {
  readonly #hash: Hash | Hmac;

  constructor(secret?: string | ArrayBuffer | ArrayBufferView) {
    this.#hash = secret === undefined ? createHash("sha256") : createHmac("sha256", Buffer.from(secret as string));
  }

  update(data: Uint8Array): void {
    this.#hash.update(data);
  }

  async digest(): Promise<Uint8Array> {
    return new Uint8Array(this.#hash.digest());
  }
}

import type { Reader } from "./reader.ts";

/** The S3 store: a bucket the world reads through `fileUrl`, and one for exports that only signed links open. */
export type Media = {
  endpoint: string;
  region: string;
  bucket: string;
  privateBucket: string;
  accessKeyId: string;
  secretAccessKey: string;
  fileUrl: string;
  /** Where a browser reaches what `endpoint` is for this process; without one it is the same. */
  browserUrl: string | undefined;
};

const r2 = ".r2.cloudflarestorage.com";
/** R2 shows a 40 character API token beside the 32 character access key; the wrong one fails only at the first upload. */
const r2KeyLength = 32;

/** Reads the S3 store's variables; Medusa itself would start without them and fail at the first upload. */
export function mediaOf(read: Reader): Media {
  const endpoint = read.url("S3_ENDPOINT", ["https:", "http:"]);
  const accessKeyId = read.required("S3_ACCESS_KEY_ID");
  if (endpoint?.hostname.endsWith(r2)) checkR2(read, { endpoint, accessKeyId });
  else if (endpoint && endpoint.pathname !== "/")
    read.problem("S3_ENDPOINT", "must not have a path: it is not the bucket");
  return {
    endpoint: endpoint?.origin ?? "",
    region: read.required("S3_REGION"),
    ...bucketsOf(read),
    accessKeyId,
    secretAccessKey: read.required("S3_SECRET_ACCESS_KEY"),
    fileUrl: fileUrlOf(read, endpoint),
    browserUrl: browserUrlOf(read),
  };
}

function browserUrlOf(read: Reader): string | undefined {
  if (read.optional("S3_BROWSER_URL") === undefined) return undefined;
  return read.url("S3_BROWSER_URL", ["https:", "http:"])?.href.replace(/\/+$/, "");
}

function checkR2(read: Reader, given: { endpoint: URL; accessKeyId: string }): void {
  if (!/^https:\/\/[0-9a-f]{32}(\.(eu|us|fedramp))?\.r2\.cloudflarestorage\.com\/?$/.test(given.endpoint.href)) {
    read.problem("S3_ENDPOINT", `must be https://<account id, 32 hexadecimal digits>${r2} without a path`);
  }
  if (given.accessKeyId !== "" && given.accessKeyId.length !== r2KeyLength) {
    read.problem("S3_ACCESS_KEY_ID", `must have ${r2KeyLength} characters for R2: the access key, not the API token`);
  }
}

function bucketsOf(read: Reader): { bucket: string; privateBucket: string } {
  const name = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;
  const bucket = read.matching("S3_BUCKET", name, "must be a bucket name");
  const privateBucket = read.matching("S3_PRIVATE_BUCKET", name, "must be a bucket name");
  if (bucket !== "" && bucket === privateBucket) {
    read.problem("S3_PRIVATE_BUCKET", "must differ from S3_BUCKET: everybody can read that one");
  }
  return { bucket, privateBucket };
}

function fileUrlOf(read: Reader, endpoint: URL | undefined): string {
  const url = read.url("S3_FILE_URL", ["https:", "http:"]);
  if (!url) return "";
  if (url.host === endpoint?.host || url.hostname.endsWith(r2)) {
    read.problem("S3_FILE_URL", "must be the public domain of the bucket: the S3 endpoint is never public");
  }
  return url.href.replace(/\/+$/, "");
}

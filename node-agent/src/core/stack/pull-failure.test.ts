import { expect, test } from "vitest";
import { judgePull } from "./pull-failure.ts";

const IMAGE = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/greenleaf/backend";

test.each([
  ["received unexpected HTTP status: 500 Internal Server Error", "retry"],
  ["received unexpected HTTP status: 503 Service Unavailable", "retry"],
  ["toomanyrequests: Rate exceeded", "retry"],
  [`Get "https://registry/v2/": read tcp 10.0.10.5:40000->10.0.0.1:443: read: connection reset by peer`, "retry"],
  [`Get "https://registry/v2/": dial tcp: lookup registry: no such host`, "retry"],
  ["filesystem layer verification failed for digest sha256:00", "retry"],
  [`Head "https://registry/v2/": no basic auth credentials`, "login"],
  ["denied: Your authorization token has expired. Reauthenticate and try again.", "login"],
  ["unauthorized: authentication required", "login"],
  [`error parsing HTTP 403 response body: unexpected end of JSON input: ""`, "login"],
  ["unexpected status from HEAD request to https://registry/v2/a/manifests/b: 403 Forbidden", "login"],
  ["unexpected status from HEAD request to https://registry/v2/a/manifests/b: 429 Too Many Requests", "retry"],
  [
    "pull access denied for greenleaf/backend, repository does not exist or may require 'docker login': denied",
    "login",
  ],
  [
    `Error response from daemon: pull access denied for ${IMAGE}, repository does not exist or may require authorization: server message: insufficient_scope: authorization failed`,
    "login",
  ],
  [`failed to resolve reference "${IMAGE}@sha256:00": ${IMAGE}@sha256:00: not found`, "missing"],
  [
    `failed to resolve reference "${IMAGE}:1": failed to do request: Head "https://r/v2/": dial tcp: i/o timeout`,
    "retry",
  ],
  [
    `failed to resolve reference "${IMAGE}:1": failed to authorize: failed to fetch oauth token: unexpected status from GET request to https://r/token: 401 Unauthorized`,
    "login",
  ],
  ["no matching manifest for linux/amd64 in the manifest list entries", "platform"],
  ["no matching manifest for linux/amd64/v3 in the manifest list entries: not found", "platform"],
  [`no match for platform in manifest: not found`, "platform"],
  ["image platform (linux/arm64/v8) does not match the expected platform (linux/amd64)", "platform"],
  ["no child with platform linux/amd64 in index registry.test/x@sha256:00", "platform"],
  ['image operating system "windows" cannot be used on this platform', "platform"],
  ["unsupported manifest media type and no default available: application/vnd.x+json", "platform"],
  ["denied: User: arn:aws:sts::1:x is not authorized to perform: ecr:BatchGetImage", "denied"],
  [`manifest for ${IMAGE}@sha256:00 not found: manifest unknown: Requested image not found`, "missing"],
  [`repository ${IMAGE} not found: name unknown: The repository does not exist`, "missing"],
  ["failed to register layer: write /usr/bin/node: no space left on device", "full"],
])("%s is %s", (words, verdict) => {
  expect(judgePull(words)).toBe(verdict);
});

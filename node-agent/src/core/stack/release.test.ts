import { generateKeyPairSync } from "node:crypto";
import { expect, test } from "vitest";
import { isSignedBy, signRelease } from "../../adapters/machine/release-signature.ts";
import { canonicalJson, parseRelease, releaseVariables, type UnsignedRelease } from "./release.ts";

const pair = () =>
  generateKeyPairSync("ed25519", {
    publicKeyEncoding: { type: "spki", format: "pem" },
    privateKeyEncoding: { type: "pkcs8", format: "pem" },
  });
const { publicKey, privateKey } = pair();
const unsigned: UnsignedRelease = {
  id: "2026.5.1",
  created: "2026-05-01T10:00:00Z",
  images: { backend: `repo.example/backend@sha256:${"a".repeat(64)}`, caddy: `sha256:${"b".repeat(64)}` },
  stack: { uri: "s3://bucket/stack/x.tar.gz", sha256: "c".repeat(64) },
  migrations: "d".repeat(64),
};

test("a signed release is read back and its signature holds, however its JSON is laid out", () => {
  const signed = signRelease(unsigned, privateKey);
  const turned = Object.fromEntries(Object.entries(signed).toReversed());
  const read = parseRelease(JSON.stringify(turned, undefined, 4), "release.json");
  expect(isSignedBy(read, { keys: publicKey, revoked: "" })).toBe(true);
  expect(isSignedBy(read, { keys: pair().publicKey, revoked: "" })).toBe(false);
});

test("changing any member breaks the signature", () => {
  const signed = signRelease(unsigned, privateKey);
  const changes = [{ id: "x" }, { migrations: "x" }, { created: "2026-05-01T10:00:01Z" }, { images: {} }];
  for (const change of changes)
    expect(isSignedBy({ ...signed, ...change }, { keys: publicKey, revoked: "" })).toBe(false);
  expect(() => isSignedBy(signed, { keys: "no key", revoked: "" })).toThrow();
});

test("every problem of a document is told at once, with its path", () => {
  const document = { ...unsigned, id: "../up", images: { backend: "nginx:latest" }, signature: "x", more: 1 };
  try {
    parseRelease(JSON.stringify(document), "ssm:/release");
    expect.unreachable();
  } catch (error) {
    const { problems } = error as { problems: string[] };
    expect(problems.map((problem) => problem.split(":")[0])).toEqual(["id", "images.backend", "signature", "document"]);
  }
  expect(() => parseRelease("{", "x")).toThrow("not a valid release document");
  expect(() => parseRelease(" ".repeat(5000), "x")).toThrow("not a valid release document");
});

test("images become variables of the Compose file", () => {
  expect(releaseVariables(signRelease(unsigned, privateKey))).toEqual({
    GREENLEAF_IMAGE_BACKEND: unsigned.images.backend,
    GREENLEAF_IMAGE_CADDY: unsigned.images.caddy,
  });
});

test("canonical JSON sorts keys at every depth and leaves out what is undefined", () => {
  expect(canonicalJson({ b: [{ d: 1, c: undefined, a: "é" }, null], a: true })).toBe(
    '{"a":true,"b":[{"a":"é","d":1},null]}',
  );
});

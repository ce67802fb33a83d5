import { expect, test } from "vitest";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { parseRelease, type Release, type UnsignedRelease } from "../../node-agent/src/core/stack/release.ts";
import { accountAt, memoryPublisher } from "../../tests/support/release-aws.ts";
import { newKeys } from "../../tests/support/release-node.ts";
import { SIGNING_KEY, TRUSTED_KEYS } from "../bootstrap/parameters.ts";
import { idOf, pointed } from "./channel.ts";
import { issue, publicHalf, signingKeys } from "./issue.ts";

const [old, next, stranger] = [newKeys(), newKeys(), newKeys()];
const keys = { key: old.privateKey, trusted: old.publicKey };
const contents = (id: string): UnsignedRelease => ({
  id,
  created: "2026-05-01T10:00:00Z",
  images: { backend: `sha256:${"a".repeat(64)}` },
  stack: { uri: "s3://bucket/stack/x.tar.gz", sha256: "b".repeat(64) },
  migrations: "m",
  environments: [],
});
const published = (id: string, key = old.privateKey): string => JSON.stringify(signRelease(contents(id), key));
const read = (document: string | undefined): Release => parseRelease(document ?? "", "test");

test("a publication becomes an environment's by being signed for it, with the same contents", () => {
  const issued = read(issue(published("one"), keys, { environment: "prod", after: undefined }));
  expect(issued).toMatchObject({ ...contents("one"), environments: ["prod"], issued: expect.any(String) });
});

test("what an environment runs already stays byte for byte; with another key it is signed anew", () => {
  const first = issue(published("one"), keys, { environment: "prod", after: undefined });
  expect(issue(published("one"), keys, { environment: "prod", after: first })).toBe(first);
  const rotated = { key: next.privateKey, trusted: `${next.publicKey}${old.publicKey}` };
  const again = issue(published("one"), rotated, { environment: "prod", after: first });
  expect(again).not.toBe(first);
  expect(read(again).id).toBe("one");
});

const issuedThen = (ms: number): string =>
  JSON.stringify(
    signRelease(
      { ...contents("one"), environments: ["prod"], issued: new Date(Date.now() + ms).toISOString() },
      old.privateKey,
    ),
  );

test("each document is issued after the one before, even by an operator whose clock is behind", () => {
  const ahead = issuedThen(3_600_000 * 14);
  const issued = read(issue(published("two"), keys, { environment: "prod", after: ahead })).issued ?? "";
  expect(Date.parse(issued)).toBe(Date.parse(read(ahead).issued ?? "") + 1);
  const broken = issue(published("two"), keys, { environment: "prod", after: "{ cut sh" });
  expect(read(broken).id).toBe("two");
});

test("nothing is issued after a document that a clock years ahead has signed: no node would take it", () => {
  for (const days of [2, 2_900_000])
    expect(() => issue(published("two"), keys, { environment: "prod", after: issuedThen(days * 86_400_000) })).toThrow(
      expect.objectContaining({ code: "release.future", exitCode: 78 }),
    );
});

test("what the account did not sign is never signed anew", () => {
  const changed = JSON.stringify({ ...read(published("one")), migrations: "other" });
  for (const document of [published("one", stranger.privateKey), changed])
    expect(() => issue(document, keys, { environment: "prod", after: undefined })).toThrow(
      expect.objectContaining({
        code: "release.signature",
        message: expect.stringContaining("release one is not signed by a key"),
      }),
    );
});

test("a rollback points an environment at the release before as news, and a second one forward again", () => {
  const one = pointed("prod", { current: undefined, previous: undefined }, { document: published("one"), keys });
  const two = pointed("prod", one, { document: published("two"), keys });
  expect([idOf(two.current), idOf(two.previous)]).toEqual(["two", "one"]);
  const back = pointed("prod", two, { document: two.previous ?? "", keys });
  expect([idOf(back.current), idOf(back.previous)]).toEqual(["one", "two"]);
  expect(Date.parse(read(back.current).issued ?? "")).toBeGreaterThan(Date.parse(read(two.current).issued ?? ""));
  const forward = pointed("prod", back, { document: back.previous ?? "", keys });
  expect([idOf(forward.current), idOf(forward.previous)]).toEqual(["two", "one"]);
});

test("an account believes its own key and the older ones it names, and none where it has no key", async () => {
  const account = (parameters: Readonly<Record<string, string>>) =>
    signingKeys(memoryPublisher(accountAt("http://127.0.0.1:1"), parameters));
  const own = { [SIGNING_KEY]: next.privateKey };
  expect(await account(own)).toEqual({ key: next.privateKey, trusted: publicHalf(next.privateKey) });
  expect((await account({ ...own, [TRUSTED_KEYS]: old.publicKey })).trusted).toBe(
    `${publicHalf(next.privateKey)}${old.publicKey}`,
  );
  await expect(account({ [TRUSTED_KEYS]: old.publicKey })).rejects.toMatchObject({
    code: "release.no-key",
    why: `parameter ${SIGNING_KEY} does not exist in eu-west-3 of account 123456789012`,
  });
});

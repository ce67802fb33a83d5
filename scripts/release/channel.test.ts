import { expect, test } from "vitest";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { parseRelease } from "../../node-agent/src/core/stack/release.ts";
import { accountAt, documentWith, memoryPublisher } from "../../tests/support/release-aws.ts";
import { newKeys } from "../../tests/support/release-node.ts";
import { changesText } from "../history.ts";
import {
  channelHistory,
  documentOf,
  idOf,
  keepDocument,
  point,
  publishedDocument,
  readChannel,
  writeChannel,
} from "./channel.ts";
import { releaseOf } from "./document.ts";
import { issue } from "./issue.ts";

const account = accountAt("http://127.0.0.1:1");
const RELEASE = "/greenleaf/prod/release";
const PREVIOUS = "/greenleaf/prod/previous";

const { privateKey: key, publicKey: trusted } = newKeys();
const keys = { key, trusted };
const published = (id: string): string => {
  const { signature: _, ...contents } = parseRelease(documentWith(id), "test");
  return JSON.stringify(signRelease(contents, key));
};
const issued = (id: string): string => issue(published(id), keys, { environment: "prod", after: undefined });

test("pointing an environment keeps what it ran before, and writes that first", async () => {
  const before = issued("one");
  const publisher = memoryPublisher(account, { [RELEASE]: before, [PREVIOUS]: "zero" });
  expect(await point(publisher, "prod", { document: published("two"), keys })).toBe(true);
  expect(publisher.done).toEqual([`set ${PREVIOUS}`, `set ${RELEASE}`]);
  const { current, previous } = await readChannel(publisher, "prod");
  expect({ current: idOf(current), previous }).toEqual({ current: "two", previous: before });
});

test("pointing it where it points already writes nothing: the release before stays the one before", async () => {
  const publisher = memoryPublisher(account, { [RELEASE]: issued("one"), [PREVIOUS]: "zero" });
  expect(await point(publisher, "prod", { document: published("one"), keys })).toBe(false);
  expect(publisher.done).toEqual([]);
});

test("the first release of an environment has none before it, and other environments are left alone", async () => {
  const publisher = memoryPublisher(account, { "/greenleaf/dev/release": "other" });
  await point(publisher, "prod", { document: published("one"), keys });
  expect(publisher.done).toEqual([`set ${RELEASE}`]);
  expect(await readChannel(publisher, "dev")).toEqual({ current: "other", previous: undefined });
});

test("what is not named is not written", async () => {
  const publisher = memoryPublisher(account);
  await writeChannel(publisher, "prod", { current: undefined, previous: "zero" });
  expect(publisher.done).toEqual([`set ${PREVIOUS}`]);
});

test("a document is kept once under its id and found again by it", async () => {
  const publisher = memoryPublisher(account);
  expect(await keepDocument(publisher, "2026-11-01-abc", "text")).toBe("made");
  expect(await keepDocument(publisher, "2026-11-01-abc", "other")).toBe("there");
  expect(publisher.done).toEqual(["keep release/2026-11-01-abc.json"]);
  expect(await documentOf(publisher, "2026-11-01-abc")).toBe("text");
});

test("an id that is none, or of a release that is none, is an error with the place that was looked at", async () => {
  const publisher = memoryPublisher(account);
  await keepDocument(publisher, "a", "text");
  for (const id of ["../release/a", "a/../a", "", ".a", "a b", "a\nb"]) {
    expect(await publishedDocument(publisher, id)).toBeUndefined();
  }
  await expect(documentOf(publisher, "b")).rejects.toMatchObject({
    message: "there is no release b",
    why: "s3://artifacts/release/b.json does not exist",
  });
});

test("the id of a document, and none of none", () => {
  expect(idOf(documentWith("2026-11-01-abc"))).toBe("2026-11-01-abc");
  expect(idOf(undefined)).toBe("none");
});

test("a release's id is its day and a hash of what it holds: the same contents the same, others another", () => {
  const contents = {
    images: { backend: "r/b@sha256:1" },
    stack: { uri: "s3://x/stack/1.tar.gz", sha256: "1" },
    migrations: "m",
    created: new Date("2026-11-01T10:20:30.000Z"),
  };
  const release = releaseOf(contents);
  expect(release.id).toMatch(/^2026-11-01-[0-9a-f]{12}$/);
  expect(release).toEqual({
    id: release.id,
    created: "2026-11-01T10:20:30Z",
    images: { backend: "r/b@sha256:1" },
    stack: contents.stack,
    migrations: "m",
  });
  expect(releaseOf({ ...contents, created: new Date("2026-11-01T11:00:00Z") }).id).toBe(release.id);
  const others = [
    { ...contents, images: { backend: "r/b@sha256:2" } },
    { ...contents, stack: { ...contents.stack, sha256: "2" } },
    { ...contents, migrations: "n" },
  ];
  expect(new Set(others.map((other) => releaseOf(other).id)).size).toBe(3);
  expect(others.map((other) => releaseOf(other).id)).not.toContain(release.id);
});

test("an environment's history names every release it was moved to, from which one and by whom", async () => {
  const publisher = memoryPublisher(accountAt("http://localhost"));
  expect(changesText(await channelHistory(publisher, "prod"))).toBe("no release was ever deployed here");
  for (const id of ["one", "two"])
    await writeChannel(publisher, "prod", { current: documentWith(id), previous: undefined });
  await writeChannel(publisher, "dev", { current: documentWith("other"), previous: undefined });
  const by = "arn:aws:iam::123456789012:user/ada";
  expect(await channelHistory(publisher, "prod")).toEqual([
    { at: "2026-11-01T00:00:00.000Z", by, to: "one" },
    { at: "2026-11-01T00:01:00.000Z", by, from: "one", to: "two" },
  ]);
  expect(changesText(await channelHistory(publisher, "prod"))).toBe(
    `2026-11-01 00:01:00  one -> two  ${by}\n2026-11-01 00:00:00  nothing -> one  ${by}`,
  );
});

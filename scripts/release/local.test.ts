import { existsSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { isSignedBy, signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { parseRelease } from "../../node-agent/src/core/stack/release.ts";
import { documentWith } from "../../tests/support/release-aws.ts";
import { newKeys } from "../../tests/support/release-node.ts";
import { ensureReleaseKey } from "../local/release.ts";
import { type LocalWorld, localFolder, localWorld } from "../local/world.ts";
import { publicHalf } from "./issue.ts";
import { deployLocally, rollBackLocally } from "./local.ts";

let world: LocalWorld;
let key: string;
/** What the agent was told, with the release that lay there then. */
let runs: string[];

beforeEach(async () => {
  world = { ...localWorld({}), root: mkdtempSync(join(tmpdir(), "greenleaf-local-")) };
  onTestFinished(() => rmSync(world.root, { recursive: true }));
  key = await ensureReleaseKey(world);
  runs = [];
});

const path = (name: string) => localFolder(world, `${name}.json`);
const read = (name: "release" | "previous") => parseRelease(readFileSync(path(name), "utf8"), name);
const agent = async (_world: LocalWorld, args: readonly string[]) => {
  runs.push(`${args.join(" ")} ${read("release").id}`);
  return 0;
};
const signed = (id: string, by = key) => {
  const { signature: _, ...contents } = parseRelease(documentWith(id), id);
  return JSON.stringify(signRelease({ ...contents, environments: ["local"], issued: "2026-11-01T00:00:00Z" }, by));
};
const deployed = async (id: string) => {
  writeFileSync(join(world.root, `${id}.json`), signed(id));
  return deployLocally(world, join(world.root, `${id}.json`), agent);
};

test("rollback goes back to the release before, a second one forward, each time as news to the node", async () => {
  writeFileSync(path("release"), signed("one"));
  expect(await deployed("two")).toBe(0);
  expect([read("release").id, read("previous").id]).toEqual(["two", "one"]);
  const issued = [read("release").issued];
  expect(await rollBackLocally(world, agent)).toBe(0);
  expect([read("release").id, read("previous").id]).toEqual(["one", "two"]);
  issued.push(read("release").issued);
  expect(await rollBackLocally(world, agent)).toBe(0);
  expect([read("release").id, read("previous").id]).toEqual(["two", "one"]);
  issued.push(read("release").issued);
  expect(runs).toEqual(["boot two", "boot one", "boot two"]);
  expect(issued.toSorted((a = "", b = "") => (a < b ? -1 : 1))).toEqual(issued);
  expect(new Set(issued).size).toBe(3);
  expect(isSignedBy(read("release"), { keys: publicHalf(key), revoked: "" })).toBe(true);
});

test("a node that ran nothing before stays as it is", async () => {
  const document = signed("one");
  writeFileSync(path("release"), document);
  const failure = await rollBackLocally(world, agent).catch((error: unknown) => error);
  expect(failure).toMatchObject({ code: "deploy.nothing-before", exitCode: 78 });
  expect([readFileSync(path("release"), "utf8"), runs]).toEqual([document, []]);
});

test("the same release deployed again is not what a rollback goes back to", async () => {
  writeFileSync(path("release"), signed("one"));
  await deployed("two");
  await deployed("two");
  expect([read("release").id, read("previous").id]).toEqual(["two", "one"]);
});

test("a release of somebody else's key reaches the agent as it is, which refuses it", async () => {
  writeFileSync(path("release"), signed("one"));
  const theirs = signed("two", newKeys().privateKey);
  writeFileSync(path("previous"), theirs);
  await rollBackLocally(world, agent);
  expect(readFileSync(path("release"), "utf8")).toBe(theirs);
});

test("agents of any user may read the documents, whatever the umask", async () => {
  const umask = process.umask(0o077);
  onTestFinished(() => void process.umask(umask));
  writeFileSync(path("release"), signed("one"));
  const modes = () => ["release", "previous"].map((name) => statSync(path(name)).mode & 0o777);
  await deployed("two");
  expect(modes()).toEqual([0o644, 0o644]);
  rmSync(path("release"));
  writeFileSync(path("release"), signed("two"), { mode: 0o600 });
  await rollBackLocally(world, agent);
  expect(modes()).toEqual([0o644, 0o644]);
});

test("a document that is missing or none is refused before anything changes, and so is a deploy without a node", async () => {
  const refusal = (document: string) => deployLocally(world, document, agent).catch((error: unknown) => error);
  const nowhere = join(world.root, "nowhere.json");
  expect(await refusal(nowhere)).toMatchObject({ code: "deploy.no-node", exitCode: 78 });
  const document = signed("one");
  writeFileSync(path("release"), document);
  expect(await refusal(nowhere)).toMatchObject({
    code: "release.unknown",
    message: `deploy: there is no release document ${nowhere}`,
    why: expect.stringContaining("ENOENT"),
  });
  writeFileSync(nowhere, '{ "id": "two" }');
  expect(await refusal(nowhere)).toMatchObject({ exitCode: 78 });
  expect([readFileSync(path("release"), "utf8"), existsSync(path("previous")), runs]).toEqual([document, false, []]);
});

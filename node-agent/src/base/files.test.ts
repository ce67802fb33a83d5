import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { filesBelow } from "./files.ts";

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-files-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

test("a file is written below the root, for its owner only", async () => {
  const root = newRoot();
  expect(await filesBelow(root).write("/run/greenleaf/backend.env", "A=1\n")).toBe("written");
  expect(readFileSync(join(root, "run/greenleaf/backend.env"), "utf8")).toBe("A=1\n");
  expect(statSync(join(root, "run/greenleaf/backend.env")).mode & 0o777).toBe(0o600);
});

test("the same bytes are not written twice, but a widened mode is fixed", async () => {
  const root = newRoot();
  const files = filesBelow(root);
  await files.write("/a", "x");
  expect(await files.write("/a", "x")).toBe("unchanged");
  chmodSync(join(root, "a"), 0o644);
  expect(await files.write("/a", "x")).toBe("written");
  expect(statSync(join(root, "a")).mode & 0o777).toBe(0o600);
});

test("a temporary file left by a killed writer, even a planted link, is replaced and gone", async () => {
  const root = newRoot();
  writeFileSync(join(root, "victim"), "keep");
  symlinkSync(join(root, "victim"), join(root, "a.greenleaf-tmp"));
  await filesBelow(root).write("/a", "new");
  expect(readFileSync(join(root, "victim"), "utf8")).toBe("keep");
  expect(readdirSync(root).sort()).toEqual(["a", "victim"]);
});

test("what does not exist reads as nothing", async () => {
  const files = filesBelow(newRoot());
  expect([await files.read("/none"), await files.list("/none")]).toEqual([undefined, []]);
});

test("a file where a folder is needed is named, and it is kept", async () => {
  const root = newRoot();
  writeFileSync(join(root, "etc"), "mine");
  await expect(filesBelow(root).write("/etc/node.json", "{}")).rejects.toMatchObject({ exitCode: 78 });
  expect(readFileSync(join(root, "etc"), "utf8")).toBe("mine");
});

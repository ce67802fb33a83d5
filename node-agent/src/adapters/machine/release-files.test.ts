import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { afterEach, beforeEach, expect, test } from "vitest";
import { releaseFilesBelow } from "./release-files.ts";

let root: string;
beforeEach(() => (root = mkdtempSync(join(tmpdir(), "greenleaf-release-"))));
afterEach(() => rmSync(root, { recursive: true }));

test("a folder is there complete, open to every reader whatever the umask", async () => {
  const umask = process.umask(0o077);
  try {
    const files = new Map([
      ["a/b/c", Buffer.from("deep")],
      ["d", Buffer.from("flat")],
    ]);
    await releaseFilesBelow(root).place("/releases/one", files);
  } finally {
    process.umask(umask);
  }
  expect(readFileSync(join(root, "releases/one/a/b/c"), "utf8")).toBe("deep");
  expect(statSync(join(root, "releases/one/a/b/c")).mode & 0o777).toBe(0o644);
  expect(statSync(join(root, "releases/one/a/b")).mode & 0o777).toBe(0o755);
  expect(readdirSync(join(root, "releases"))).toEqual(["one"]);
});

test("what cannot be written whole is not there at all", async () => {
  const files = new Map([
    ["a", Buffer.from("file")],
    ["a/b", Buffer.from("a file is no folder")],
  ]);
  await expect(releaseFilesBelow(root).place("/releases/one", files)).rejects.toMatchObject({ exitCode: 75 });
  expect(readdirSync(join(root, "releases"))).toEqual([]);
});

test("gzip is expanded within its limit, and what is none is refused", async () => {
  const files = releaseFilesBelow(root);
  expect(Buffer.from(await files.expand(gzipSync("text"))).toString()).toBe("text");
  await expect(files.expand(Buffer.from("text"))).rejects.toMatchObject({ exitCode: 78 });
  await expect(files.expand(gzipSync(Buffer.alloc(65 * 1024 * 1024)))).rejects.toMatchObject({ exitCode: 78 });
  expect(await files.read(join(root, "none"))).toBeUndefined();
  expect(existsSync(join(root, "none"))).toBe(false);
});

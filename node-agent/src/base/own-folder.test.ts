import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { chown, lchown } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder } from "./durable.ts";
import { claimFolder } from "./own-folder.ts";

const NOBODY = 65_534;
const isRoot = process.geteuid?.() === 0;

let place = "";
const at = (...names: string[]) => join(place, ...names);
const modeOf = (path: string) => statSync(path).mode & 0o7777;

beforeEach(() => {
  place = mkdtempSync(join(tmpdir(), "greenleaf-folder-"));
  // As /dev/shm is.
  chmodSync(place, 0o1777);
});
afterEach(() => rmSync(place, { recursive: true, force: true }));

test.each([0o000, 0o022, 0o077])("folders get their mode whatever the umask is: %o", async (umask) => {
  const before = process.umask(umask);
  try {
    await makeFolder(at("a", "b", "c"));
    await claimFolder(at("own"), 0o700);
  } finally {
    process.umask(before);
  }
  expect([modeOf(at("a")), modeOf(at("a/b")), modeOf(at("a/b/c")), modeOf(at("own"))]).toEqual([
    0o755, 0o755, 0o755, 0o700,
  ]);
  expect(modeOf(place), "what was there stays").toBe(0o1777);
});

test("a link of ours to a folder in memory is followed, whether that folder is there or not", async () => {
  symlinkSync(at("memory"), at("link"));
  await claimFolder(at("link"));
  await claimFolder(at("link"));
  expect(modeOf(at("memory"))).toBe(0o755);
});

test("a link planted where the folder should be is refused", async () => {
  mkdirSync(at("elsewhere"));
  symlinkSync(at("elsewhere"), at("memory"));
  symlinkSync(at("memory"), at("link"));
  await expect(claimFolder(at("link"))).rejects.toMatchObject({
    exitCode: 78,
    why: expect.stringContaining("is a link"),
  });
});

test.skipIf(!isRoot)(
  "another user's link is refused, whosever folder it leads to, and nothing behind it is touched",
  async () => {
    mkdirSync(at("ours"), { mode: 0o700 });
    symlinkSync(at("ours"), at("memory"));
    await lchown(at("memory"), NOBODY, NOBODY);
    await expect(claimFolder(at("memory"))).rejects.toMatchObject({
      exitCode: 78,
      why: expect.stringContaining(`link of user ${NOBODY}`),
    });
    expect(modeOf(at("ours"))).toBe(0o700);
  },
);

test("a file in the way is refused", async () => {
  writeFileSync(at("file"), "");
  await expect(claimFolder(at("file"))).rejects.toMatchObject({
    exitCode: 78,
    why: expect.stringContaining("no folder"),
  });
});

test.skipIf(!isRoot)("a folder of another user is refused, whatever its mode", async () => {
  for (const mode of [0o777, 0o755, 0o700]) {
    mkdirSync(at("theirs"), { mode });
    await chown(at("theirs"), NOBODY, NOBODY);
    await expect(claimFolder(at("theirs")), mode.toString(8)).rejects.toMatchObject({
      exitCode: 78,
      why: expect.stringContaining(`user ${NOBODY}`),
    });
    rmSync(at("theirs"), { recursive: true });
  }
});

test.skipIf(!isRoot)("a folder an earlier run left open is closed, and what others put there is gone", async () => {
  mkdirSync(at("open"));
  chmodSync(at("open"), 0o777);
  for (const name of ["ours", "theirs"]) writeFileSync(at("open", name), name);
  await chown(at("open/theirs"), NOBODY, NOBODY);
  await claimFolder(at("open"));
  expect([modeOf(at("open")), existsSync(at("open/ours")), existsSync(at("open/theirs"))]).toEqual([
    0o755,
    true,
    false,
  ]);
});

import { chownSync, lstatSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { restoreOwnership } from "./restore-ownership.ts";

const isRoot = process.getuid?.() === 0;
const skipped = isRoot ? "" : " (skipped: only root can give files away)";

function checkout(uid: number): string {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-give-back-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  mkdirSync(join(folder, "dist", "agent-parts"), { recursive: true });
  writeFileSync(join(folder, "dist", "images.json"), "{}");
  writeFileSync(join(folder, "roots-own"), "");
  symlinkSync(join(folder, "roots-own"), join(folder, "dist", "link"));
  chownSync(folder, uid, uid);
  return folder;
}
const ownerOf = (...path: string[]) => lstatSync(join(...path)).uid;

test.skipIf(!isRoot)(
  `what a command under sudo made is the checkout's owner's, so that the next needs no sudo${skipped}`,
  async () => {
    const folder = checkout(65_534);
    await restoreOwnership(folder);
    for (const made of ["dist", "dist/agent-parts", "dist/images.json", "dist/link"])
      expect([made, ownerOf(folder, made)]).toEqual([made, 65_534]);
    expect(ownerOf(folder, "roots-own")).toBe(0);
  },
);

test.skipIf(!isRoot)(
  `a file that belongs to a third person, and root's own checkout, stay as they are${skipped}`,
  async () => {
    const folder = checkout(65_534);
    chownSync(join(folder, "dist", "images.json"), 1234, 1234);
    await restoreOwnership(folder);
    expect(ownerOf(folder, "dist", "images.json")).toBe(1234);
    const roots = checkout(0);
    await restoreOwnership(roots);
    expect(ownerOf(roots, "dist")).toBe(0);
  },
);

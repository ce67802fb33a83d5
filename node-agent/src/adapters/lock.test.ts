import { spawn } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { takeLock } from "./lock.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "greenleaf-lock-"))));
afterEach(() => rmSync(folder, { recursive: true }));

test("one of many holds the lock, the others learn who; released, the next one gets it", async () => {
  const path = join(folder, "deeper", "boot.lock");
  const all = await Promise.all(Array.from({ length: 20 }, () => takeLock(path)));
  const held = all.filter((lock) => lock.held);
  expect(held).toHaveLength(1);
  expect(await takeLock(path)).toEqual({ held: false, by: `process ${process.pid}` });
  if (held[0]?.held === true) held[0].release();
  await expect.poll(async () => (await takeLock(path)).held).toBe(true);
});

test("a holder that is killed with -9 leaves the lock free", async () => {
  const path = join(folder, "boot.lock");
  const program = `import { takeLock } from ${JSON.stringify(join(import.meta.dirname, "lock.ts"))};
    await takeLock(${JSON.stringify(path)}); console.log("held"); setInterval(() => {}, 1000);`;
  const child = spawn(process.execPath, ["--input-type=module", "-e", program], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  await new Promise((resolve) => child.stdout.once("data", resolve));
  expect(await takeLock(path)).toEqual({ held: false, by: `process ${child.pid}` });
  child.kill("SIGKILL");
  await expect.poll(async () => (await takeLock(path)).held).toBe(true);
});

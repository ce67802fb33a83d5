import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, truncateSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { filesBelow } from "./files.ts";
import { readWhole } from "./read-whole.ts";

function newRoot(): string {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-read-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  return root;
}

const MAKERS: ReadonlyArray<readonly [string, (path: string) => unknown]> = [
  ["a pipe that nobody writes to", (path) => execFileSync("mkfifo", [path])],
  ["a link to a device without an end", (path) => symlinkSync("/dev/zero", path)],
  ["a folder", (path) => symlinkSync("/", path)],
  ["a link to itself", (path) => symlinkSync(path, path)],
  [
    "a socket",
    async (path) => {
      const server = createServer().listen(path);
      onTestFinished(() => void server.close());
      await new Promise((resolve) => server.once("listening", resolve));
    },
  ],
];

test.each(MAKERS)("%s is refused where a file belongs, not waited for", async (_what, make) => {
  const root = newRoot();
  await make(join(root, "status.json"));
  const files = filesBelow(root);
  const refused = { code: "file.type", exitCode: 78 };
  await expect(files.read("/status.json")).rejects.toMatchObject(refused);
  await expect(files.readText("/status.json")).rejects.toMatchObject(refused);
});

test("a file that would fill the memory is refused", async () => {
  const path = join(newRoot(), "huge");
  writeFileSync(path, "");
  truncateSync(path, 2 ** 40);
  await expect(readWhole(path)).rejects.toMatchObject({ code: "file.size", exitCode: 78 });
});

test("the kernel's own files, whose size is said to be 0, are read to their end", async () => {
  expect(String(await readWhole("/proc/self/status"))).toContain(`Pid:\t${process.pid}\n`);
  await expect(readWhole("/proc/self/status", 10)).rejects.toMatchObject({ code: "file.size" });
});

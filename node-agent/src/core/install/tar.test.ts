import { execFileSync } from "node:child_process";
import { linkSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { readTar, TarProblem } from "./tar.ts";

let folder: string;
beforeEach(() => (folder = mkdtempSync(join(tmpdir(), "greenleaf-tar-"))));
afterEach(() => rmSync(folder, { recursive: true }));

const tar = (...args: string[]): Buffer => execFileSync("tar", ["-C", folder, "-cf", "-", ...args]);
const problemOf = (bytes: Uint8Array): string => {
  const read = readTar(bytes);
  return read instanceof TarProblem ? read.message : "none";
};
const texts = (bytes: Uint8Array): unknown => {
  const read = readTar(bytes);
  if (read instanceof TarProblem) throw new Error(read.message);
  return Object.fromEntries([...read].map(([path, content]) => [path, new TextDecoder().decode(content)]));
};

test.each(["gnu", "pax", "ustar"])("files of the %s format are read, long names too", (format) => {
  const long = `${"d".repeat(90)}/${"f".repeat(format === "ustar" ? 60 : 120)}`;
  mkdirSync(join(folder, "d".repeat(90)));
  writeFileSync(join(folder, long), "long");
  writeFileSync(join(folder, "a"), "x".repeat(1500));
  expect(texts(tar(`--format=${format}`, "."))).toEqual({ a: "x".repeat(1500), [long]: "long" });
});

test("a link, a pipe, a path that leads out and a second file of one name refuse the whole archive", () => {
  writeFileSync(join(folder, "a"), "a");
  symlinkSync("/etc/passwd", join(folder, "link"));
  linkSync(join(folder, "a"), join(folder, "hard"));
  execFileSync("mkfifo", [join(folder, "pipe")]);
  expect(problemOf(tar("link"))).toContain("neither a file nor a folder");
  expect(problemOf(tar("a", "hard"))).toContain("neither a file nor a folder");
  expect(problemOf(tar("pipe"))).toContain("neither a file nor a folder");
  expect(problemOf(tar("--transform=s,a,../a,", "-P", "a"))).toContain("not a path below the archive");
  expect(problemOf(tar("--transform=s,a,/tmp/a,", "-P", "a"))).toContain("not a path below the archive");
  writeFileSync(join(folder, "c"), "c");
  expect(problemOf(tar("--hard-dereference", "c", "./c"))).toContain("is there twice");
});

test("every cut and every changed byte of a header is told, never half an archive given", () => {
  writeFileSync(join(folder, "a"), "x".repeat(700));
  const whole = tar("a");
  for (const length of [0, 100, 512, 900, 1100]) expect(problemOf(whole.subarray(0, length))).not.toBe("none");
  const changed = Buffer.from(whole);
  changed[0] = 0x62;
  expect(problemOf(changed)).toBe("it is damaged or not a tar archive");
});

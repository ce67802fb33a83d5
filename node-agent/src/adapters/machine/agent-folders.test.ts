import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sha256 } from "../../base/digest.ts";
import { agentFoldersBelow } from "./agent-folders.ts";

test("what an archive holds is hashed when it is a file; a pipe or a device is neither waited for nor read", async () => {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-agent-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const at = (name: string) => join(folder, name);
  writeFileSync(at("file"), "agent");
  execFileSync("mkfifo", [at("pipe")]);
  symlinkSync("/dev/zero", at("device"));
  const digestOf = (file: string) => agentFoldersBelow("/").digestOf(file);
  expect([await digestOf(at("file")), await digestOf(at("none"))]).toEqual([sha256("agent"), undefined]);
  for (const name of ["pipe", "device"]) {
    await expect(digestOf(at(name))).rejects.toMatchObject({ code: "file.type", exitCode: 78 });
  }
});

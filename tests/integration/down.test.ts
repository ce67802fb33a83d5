import { spawnSync } from "node:child_process";
import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const COMMAND = join(import.meta.dirname, "..", "..", "greenleaf");

test.each([
  ["never began", () => undefined],
  ["was cut off while it built its images", (root: string) => mkdirSync(join(root, "local"), { recursive: true })],
])("down after an up that %s finds nothing to stop", (_, prepare) => {
  const project = `gl-cut-${process.pid}`;
  const root = `/var/lib/${project}-local`;
  prepare(root);
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  const { status, stderr } = spawnSync(COMMAND, ["down", "--project", project], { encoding: "utf8" });
  expect([status, stderr.match(/^error.*/m)?.[0]]).toEqual([0, undefined]);
});

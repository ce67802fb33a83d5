import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { expect, test } from "vitest";

const MAIN = join(import.meta.dirname, "greenleaf.ts");

interface Check {
  readonly name: string;
  readonly level: string;
  readonly found: string;
  readonly fix?: string;
}

test("doctor looks at the named world, says what to do about each thing that is wrong, and fails by its exit code", () => {
  // A world that nobody has made, so that what is wrong with it is the same everywhere.
  const project = `doctor-test-${process.pid}`;
  const argv = [MAIN, "doctor", "--json", "--project", project];
  const { status, stdout } = spawnSync(process.execPath, argv, { encoding: "utf8" });
  const checks = JSON.parse(stdout) as Check[];
  expect(status).toBe(78);
  const node = checks.find(({ name }) => name === "node");
  expect(node).toMatchObject({ level: "fail", found: expect.stringContaining(`/var/lib/${project}-local/`) });
  expect(checks.length).toBeGreaterThanOrEqual(8);
  for (const { name, level, fix } of checks) if (level !== "ok") expect(fix, name).toMatch(/\w/);
});

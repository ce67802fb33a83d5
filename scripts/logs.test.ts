import { spawnSync } from "node:child_process";
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";

const MAIN = join(import.meta.dirname, "greenleaf.ts");
let folder: string;

/** Stands for the engine's command: lists two services of any project, and says what else it was called with. */
const DOCKER = `#!/bin/sh
case "$1" in ps) printf 'backend\\nbackend\\ncaddy\\n' ;; *) printf '%s\\n' "$@"; exit 3 ;; esac
`;

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "greenleaf-logs-"));
  writeFileSync(join(folder, "docker"), DOCKER);
  chmodSync(join(folder, "docker"), 0o755);
});
afterAll(() => rmSync(folder, { recursive: true }));

function logs(...args: readonly string[]) {
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, "logs", ...args], { encoding: "utf8", env });
  return { status, told: stdout.trim().split("\n"), stderr };
}

test("logs are read by the engine's own command, of this world and of the services asked for, and end with its code", () => {
  expect(logs("backend", "--project", "mine", "--tail", "5", "--follow")).toMatchObject({
    status: 3,
    told: ["compose", "--project-name", "mine", "logs", "--follow", "--tail", "5", "backend"],
  });
  expect(logs().told).toEqual(["compose", "--project-name", "greenleaf", "logs", "--tail", "100"]);
});

test("a service that does not exist is refused with those that do, and with the nearest one", () => {
  const { status, stderr } = logs("backnd");
  expect(status).toBe(64);
  expect(stderr).toContain('project "greenleaf" has no service backnd');
  expect(stderr).toContain("its services are backend, caddy");
  expect(stderr).toContain("./greenleaf logs backend");
});

test("a tail that is no number of lines is refused", () => {
  const { status, stderr } = logs("--tail", "many");
  expect(status).toBe(64);
  expect(stderr).toContain('--tail "many" is not a number of lines');
});

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const MAIN = join(import.meta.dirname, "../../scripts/greenleaf.ts");

/** Runs a command of ours where `docker` is a script of the test, and tells what that was asked. */
function run(argv: readonly string[], answers: string, input = "") {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-engine-"));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  const log = join(folder, "calls");
  const script = `#!/bin/sh\necho "$*" >>'${log}'\n${answers.replaceAll("FOLDER", folder)}\n`;
  writeFileSync(join(folder, "docker"), script, { mode: 0o755 });
  const env = { ...process.env, PATH: `${folder}:${process.env.PATH}` };
  const { status, stdout, stderr } = spawnSync(process.execPath, [MAIN, ...argv], { encoding: "utf8", env, input });
  const calls = existsSync(log) ? readFileSync(log, "utf8").trim().split("\n") : [];
  const given = existsSync(join(folder, "given")) ? readFileSync(join(folder, "given"), "utf8") : "";
  return { status, stdout, stderr, calls, given };
}

// A world that nobody has made: there are no credentials that a reset would be kept in.
const PROJECT = `faked-${process.pid}`;
const RESET = ["admin", "reset-password", "a@b.c", "--project", PROJECT];
const PASSWORD = "a new password of theirs";
const backend = (ends: string) => `case "$1" in ps) echo c0ffee ;; exec) cat >'FOLDER/given'; ${ends} ;; esac`;

test("a new password goes to the backend on standard input, and stands in no argument", () => {
  const { status, stdout, calls, given } = run(RESET, backend(`echo '{"email":"a@b.c"}'`), `${PASSWORD}\n`);
  expect([status, stdout]).toEqual([0, "a@b.c logs in with the new password\n"]);
  expect(given).toBe(PASSWORD);
  expect(calls).toEqual([
    `ps --quiet --filter label=com.docker.compose.project=${PROJECT} --filter label=com.docker.compose.service=backend`,
    "exec --interactive c0ffee node /app/src/entry.js reset-password a@b.c",
  ]);
});

test("where the backend is not sure, nobody is told that the password was not changed", () => {
  const words =
    "error: it is not sure that the password was changed\\nwhy:   the backend answered 500\\nfix:   run it again";
  const { status, stdout, stderr } = run(RESET, backend(`printf '${words}\\n' >&2; exit 75`), `${PASSWORD}\n`);
  expect([status, stdout]).toEqual([75, ""]);
  expect(stderr).toMatch(/^error: it is not sure that the password was changed\nwhy: {3}the backend answered 500\n/m);
  expect(stderr).not.toContain("was not changed");
});

test("images --sizes only looks", () => {
  const target = (name: string) => `"${name}":{"context":"images/${name}","dockerfile":"Dockerfile"}`;
  const printed = `{"target":{${target("base")},${target("caddy")}}}`;
  const answers = `case "$1" in buildx) echo '${printed}' ;; *) exit 1 ;; esac`;
  const { status, stdout, calls } = run(["images", "--sizes"], answers);
  expect(status).toBe(0);
  expect(stdout).toMatch(/^base +not built$[^]*^caddy +not built$/m);
  expect(calls.filter((call) => !/^(buildx bake .*--print|image inspect )/.test(call))).toEqual([]);
  expect(calls).toHaveLength(3);
});

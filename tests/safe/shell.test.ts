import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";

const LAUNCHER = join(import.meta.dirname, "..", "..", "greenleaf");

const SHELL = {
  COMPOSE_PROJECT_NAME: "strangershop",
  COMPOSE_FILE: "/srv/theirs.yml",
  COMPOSE_ENV_FILES: "/srv/theirs.env",
  COMPOSE_PROFILES: "theirs",
  DOCKER_HOST: "tcp://10.9.9.9:2375",
  DOCKER_CONTEXT: "prod",
  DOCKER_CONFIG: "/srv/theirs",
  DOCKER_DEFAULT_PLATFORM: "linux/arm64",
  BUILDX_BUILDER: "theirs",
  // These would end the launcher's own programs.
  NODE_OPTIONS: "--require=/no/such/file",
  NODE_PATH: "/srv/theirs",
  npm_config_prefix: "/srv/theirs",
  TAR_OPTIONS: "--no-such-option",
  POSIXLY_CORRECT: "1",
  GIT_DIR: "/srv/theirs",
  CDPATH: "/srv/theirs",
  BASH_ENV: "/srv/theirs",
  ZX_VERBOSE: "true",
};

test("no variable of a shell reaches the programs that greenleaf starts", () => {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-shell-"));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  // The first program that `images` runs; what it gets, all get.
  writeFileSync(join(folder, "docker"), `#!/bin/sh\nenv >${folder}/environment\nexit 1\n`, { mode: 0o755 });
  const env = { ...process.env, ...SHELL, PATH: `${folder}:${process.env.PATH}` };
  const { status, stderr } = spawnSync(LAUNCHER, ["images"], { encoding: "utf8", env });
  expect({ status, stderr }).toEqual({ status: 69, stderr: expect.stringContaining("engine does not answer") });
  const got = readFileSync(join(folder, "environment"), "utf8").split("\n");
  const names = new Set(Object.keys(SHELL));
  expect(got.filter((line) => names.has(line.split("=")[0] ?? ""))).toEqual([
    expect.stringMatching(/^DOCKER_(HOST=unix:\/\/\/var\/run\/docker\.sock|CONFIG=.+\/dist\/docker)$/),
    expect.stringMatching(/^DOCKER_(HOST=unix:\/\/\/var\/run\/docker\.sock|CONFIG=.+\/dist\/docker)$/),
  ]);
});

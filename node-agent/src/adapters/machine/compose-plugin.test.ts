import { chmodSync, mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { hasCompose, noCompose } from "../../../../tests/support/has-compose.ts";
import type { Question } from "../../core/stack/compose/plugin/question.ts";
import { composePlugin } from "./compose-plugin.ts";

const WEB = "services: { web: { image: x } }";

let root: string;
beforeEach(() => void (root = mkdtempSync(join(tmpdir(), "greenleaf-plugin-"))));
afterEach(() => rmSync(root, { recursive: true, force: true }));

describe.runIf(hasCompose)(`Compose is held to limits${noCompose}`, () => {
  const question: Question = { input: WEB, folder: "/srv", project: "gl", profiles: [], variables: {} };
  const limits = { withinMs: 60_000, cpuSeconds: 10, dataBytes: 1_073_741_824, outputBytes: 8_388_608 };
  const program = (script: string): string => {
    mkdirSync(join(root, "plugins"), { recursive: true });
    const path = join(root, "plugins/docker-compose");
    writeFileSync(path, `#!/bin/sh\n${script}\n`);
    chmodSync(path, 0o755);
    return path;
  };
  const nine = (item: string): string => Array.from({ length: 9 }, () => item).join(", ");
  const level = (index: number): string => `x-${index}: &x${index} [${nine(index === 0 ? "x" : `*x${index - 1}`)}]`;
  const bomb = Array.from({ length: 10 }, (_, index) => level(index));

  test("aliases that multiply do not hold the machine", async () => {
    const text = `${bomb.join("\n")}\n${WEB}`;
    const found = await composePlugin().find();
    const small = { ...limits, cpuSeconds: 2, dataBytes: 268_435_456 };
    const bombed = composePlugin(undefined, small).ask(found?.program ?? "", { ...question, input: text });
    await expect(bombed).rejects.toMatchObject({ exitCode: 78, message: expect.stringContaining("too much") });
  });

  test.each([
    ["head -c 2000 /dev/zero", { outputBytes: 1000 }, 78],
    ["head -c 2000 /dev/zero >&2", { outputBytes: 1000 }, 78],
    ["while :; do :; done", { cpuSeconds: 1 }, 78],
    ["exec sleep 60", { withinMs: 100 }, 75],
    ["echo 'fatal error: runtime: out of memory' >&2; exit 2", {}, 78],
  ])("%s is ended", async (script, more, exitCode) => {
    const asking = composePlugin([], { ...limits, ...more }).ask(program(script), question);
    await expect(asking).rejects.toMatchObject({ exitCode });
  });

  test("it has no environment but the stack's variables, and its version is told by its file", async () => {
    const reading = await composePlugin([], limits).ask(program("env"), { ...question, variables: { A: "1" } });
    const names = ("answer" in reading ? reading.answer : "").split("\n").map((line) => line.split("=")[0]);
    // The shell itself adds two.
    expect(names.filter((name) => !["PWD", "_", "", "OLDPWD", "SHLVL"].includes(name ?? ""))).toEqual(["A"]);
    const folders = [join(root, "plugins")];
    const before = await composePlugin(folders).find();
    utimesSync(join(root, "plugins/docker-compose"), new Date(0), new Date(0));
    expect((await composePlugin(folders).find())?.identity).not.toBe(before?.identity);
  });
});

import { expect, test } from "vitest";
import type { World } from "../world.ts";
import type { Command } from "./command.ts";
import { run } from "./run.ts";

const hello: Command = {
  name: "hello",
  summary: "greets",
  examples: ["greenleaf-agent hello --name Ada"],
  options: { name: { type: "string", value: "NAME", summary: "whom" } },
  run: async ({ print, options }) => {
    print(`hello ${options.name}`);
    return 0;
  },
};

async function ran(...argv: string[]) {
  const out: string[] = [];
  const err: string[] = [];
  const newWorld = () => ({}) as World;
  const process = {
    argv,
    stdout: (t: string) => out.push(t),
    stderr: (t: string) => err.push(t),
    colour: false,
    newWorld,
  };
  return {
    code: await run({ ...process, stdout: (t) => void out.push(t), stderr: (t) => void err.push(t) }, [hello]),
    out,
    err,
  };
}

test("a command gets its options and gives its exit code", async () => {
  expect(await ran("hello", "--name", "Ada")).toEqual({ code: 0, out: ["hello Ada"], err: [] });
});

test("help is data, shows examples first and names the exit codes", async () => {
  const { code, out } = await ran("--help");
  expect(code).toBe(0);
  expect(out[0]).toMatch(/examples:\n {2}greenleaf-agent hello --name Ada\n\ncommands:/);
  expect((await ran("hello", "--help")).out[0]).toContain("--name NAME");
});

test("an unknown command or option is a usage error in three lines", async () => {
  expect(await ran("helo")).toMatchObject({ code: 64, out: [] });
  const { code, err } = await ran("hello", "--nme", "x");
  expect(code).toBe(64);
  expect(err[0]?.split("\n").map((line) => line.split(":")[0])).toEqual(["error", "why", "fix"]);
});

test("with --log json the last line of a failure is an event with its code, not three lines of text", async () => {
  for (const words of [["--log", "json"], ["--log=json"]]) {
    const { code, err } = await ran("hello", "--nam", "Ada", ...words);
    expect([code, err.length]).toEqual([64, 1]);
    expect(JSON.parse(err[0] ?? "")).toMatchObject({ kind: "error", code: "usage.options", exitCode: 64 });
  }
});

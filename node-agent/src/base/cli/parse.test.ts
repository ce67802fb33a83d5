import { spawnSync } from "node:child_process";
import { expect, test } from "vitest";
import { UsageError } from "../errors.ts";
import type { CommandSpec, ProgramSpec } from "./command-spec.ts";
import { completionScript } from "./completion.ts";
import { commandHelp } from "./help.ts";
import { commandNamed, parseCommandLine } from "./parse.ts";
import { closest } from "./suggest.ts";

const PROGRAM: ProgramSpec = {
  name: "./shop",
  summary: "sells",
  version: "1.2.3",
  options: { help: { type: "boolean", summary: "show this help" } },
  exitCodes: [],
};
const SELL: CommandSpec = {
  name: "sell",
  summary: "sells a plant",
  examples: ["./shop sell fern"],
  positionals: ["PLANT", "[COLOUR]"],
  options: {
    price: { type: "string", value: "EUR", summary: "what it costs" },
    pot: { type: "string", choices: ["clay", "none"], summary: "what it stands in" },
    gift: { type: "boolean", summary: "wrap it" },
    card: { type: "string", value: "TEXT", multiple: true, summary: "a line on the card" },
  },
  environment: { SHOP_TILL: "where the money goes" },
};
const parsed = (...args: string[]) => parseCommandLine(PROGRAM, SELL, args);

function refusal(...args: string[]): string {
  try {
    parsed(...args);
  } catch (error) {
    if (error instanceof UsageError) return [error.why, ...error.problems].join("\n");
    throw error;
  }
  throw new Error("nothing was refused");
}

test("options, repeated ones as a list, and arguments are read in any order", () => {
  expect(parsed("--card", "a", "fern", "--gift", "--card=b", "red", "--price", "-5")).toEqual({
    options: { card: ["a", "b"], gift: true, price: "-5" },
    positionals: ["fern", "red"],
  });
});

test("what follows -- is an argument whatever it looks like", () => {
  expect(parsed("--", "--gift").positionals).toEqual(["--gift"]);
});

test.each([
  [["fern", "--prcie", "3"], "there is no option --prcie; did you mean --price?"],
  [["fern", "-x"], "there is no option -x"],
  [["fern", "--no-gift"], "there is no option --no-gift"],
  [["fern", "--price"], "--price wants a value: EUR"],
  [["fern", "--price", "--gift"], "--price wants a value: EUR"],
  [["fern", "--price="], "--price is empty"],
  [["fern", "--price", ""], "--price is empty"],
  [["fern", "--gift=yes"], '--gift takes no value, and was given "yes"'],
  [["fern", "--pot", "steel"], '--pot "steel" is not clay or none'],
  [[], "PLANT is missing"],
  [["fern", "red", "blue"], '"blue" is one argument too many'],
  [["fern", "--__proto__", "x"], "there is no option --__proto__"],
  [["fern", "--constructor"], "there is no option --constructor"],
])("%j is refused: %s", (args, why) => {
  expect(refusal(...args).split("\n")).toContain(why);
});

test("every problem of a line is told at once, with the usage", () => {
  try {
    parsed("--prcie", "--pot", "steel");
    expect.unreachable();
  } catch (error) {
    expect(error).toMatchObject({
      exitCode: 64,
      problems: [
        "there is no option --prcie; did you mean --price?",
        '--pot "steel" is not clay or none',
        "PLANT is missing",
      ],
      fix: "usage: ./shop sell PLANT [COLOUR] [options]; see ./shop sell --help",
    });
  }
});

test("help is given without the arguments a command wants", () => {
  expect(parsed("--help").options.help).toBe(true);
  expect(parsed("-h").options.help).toBe(true);
});

test("help shows every option, its values and the environment", () => {
  const help = commandHelp(PROGRAM, SELL);
  for (const line of ["--price EUR ", "--pot clay|none ", "--gift ", "--card TEXT ", "--help ", "SHOP_TILL  where"])
    expect(help).toContain(line);
});

test.each([
  ["stauts", "status"],
  ["realease", "release"],
  ["down", "down"],
  ["zzz", undefined],
])("%s was meant as %s", (word, meant) => {
  expect(closest(word, ["status", "release", "down", "up"])).toBe(meant);
});

test("an unknown command names the near one, or all", () => {
  expect(() => commandNamed(PROGRAM, [SELL], "sel")).toThrow(expect.objectContaining({ why: "did you mean sell?" }));
  expect(() => commandNamed(PROGRAM, [SELL], "rent")).toThrow(expect.objectContaining({ why: "it has sell" }));
});

test("bash completes commands, options and closed values", () => {
  const complete = (...words: string[]) => {
    const script = `${completionScript(PROGRAM, [SELL], "bash")}
COMP_WORDS=(./shop ${words.map((word) => `'${word}'`).join(" ")}); COMP_CWORD=${words.length}; _shop; echo "\${COMPREPLY[@]}"`;
    return spawnSync("bash", ["-c", script], { encoding: "utf8" }).stdout.trim();
  };
  expect(complete("se")).toBe("sell");
  expect(complete("sell", "--p")).toBe("--price --pot");
  expect(complete("sell", "--pot", "")).toBe("clay none");
});

test("zsh runs bash's script after its own translator", () => {
  const script = completionScript(PROGRAM, [SELL], "zsh");
  expect(script).toBe(`autoload -U +X bashcompinit && bashcompinit\n${completionScript(PROGRAM, [SELL], "bash")}`);
});

test("fish is given a line for each command and for each of its options", () => {
  const seen = "complete -c shop -n '__fish_seen_subcommand_from sell' -l";
  expect(completionScript(PROGRAM, [SELL], "fish").trim().split("\n")).toEqual([
    "complete -c shop -f -n __fish_use_subcommand -a sell -d 'sells a plant'",
    `${seen} price -r -d 'what it costs'`,
    `${seen} pot -r -a 'clay none' -d 'what it stands in'`,
    `${seen} gift -d 'wrap it'`,
    `${seen} card -r -d 'a line on the card'`,
    `${seen} help -d 'show this help'`,
  ]);
});

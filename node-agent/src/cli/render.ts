import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTemplates, references } from "../core/template.ts";
import { valueName } from "../core/template-reference.ts";
import { EXIT, type ExitCode, UsageError } from "../errors.ts";
import { fetch } from "../phases/fetch.ts";
import { identify } from "../phases/identify.ts";
import { type Boot, runPhases } from "../phases/phase.ts";
import { render } from "../phases/render.ts";
import type { Command, Invocation } from "./command.ts";

/** Renders the .env files and nothing else, from the release's templates or a folder of them. */
export const renderCommand: Command = {
  name: "render",
  summary: "write the .env files from parameters and secrets",
  examples: [
    "greenleaf-agent render",
    "greenleaf-agent render --plan",
    "greenleaf-agent render --names --templates compose/env",
  ],
  options: {
    plan: { type: "boolean", summary: "tell which keys would change, and write nothing" },
    names: { type: "boolean", summary: "print which values the templates ask for, and fetch nothing" },
    templates: { type: "string", value: "DIR", summary: "take the *.env.hbs of this folder, not those of the release" },
    within: { type: "string", value: "SECONDS", summary: "time for everything asked of AWS (default 30)" },
  },
  run: async (invocation) => {
    const boot = await newBoot(invocation);
    if (invocation.options.names === true) return printNames(boot, invocation);
    await runPhases(boot, [identify, fetch, render]);
    const told = boot.operations.map(({ name, why }) => `${name}  (${why})`);
    if (told.length > 0) invocation.print(told.join("\n"));
    return boot.degraded === undefined ? EXIT.ready : EXIT.degraded;
  },
};

async function newBoot({ world, log, options }: Invocation): Promise<Boot> {
  const { within, templates } = options;
  const mode = options.plan === true ? "plan" : "apply";
  const boot: Boot = {
    world,
    log,
    mode,
    operations: [],
    results: [],
    ...(within === undefined ? {} : { awsBudgetMs: milliseconds(within) }),
  };
  if (typeof templates === "string") boot.templates = await readTemplates(templates);
  return boot;
}

function milliseconds(within: string | boolean): number {
  const seconds = Number(within);
  if (seconds > 0) return seconds * 1000;
  throw new UsageError(`--within ${within} is no time`, {
    why: "it takes seconds, above 0",
    fix: "leave it out for 30",
  });
}

async function readTemplates(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = (await readdir(folder)).filter((name) => name.endsWith(".env.hbs")).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const)),
  );
}

/** One line for each value: what is asked for, by which key of which file, and what is said about it. */
function printNames(boot: Boot, { print }: Invocation): ExitCode {
  const lines: string[] = [];
  for (const template of parseTemplates(boot.templates ?? new Map<string, string>())) {
    for (const { reference, key } of references(template)) {
      const said = [
        ...(reference.min === undefined ? [] : [`min=${reference.min}`]),
        ...(reference.default === undefined ? [] : [`default=${JSON.stringify(reference.default)}`]),
        ...(reference.from === undefined ? [] : [`from=${reference.from}`]),
      ];
      lines.push([template.target, key, valueName(reference), ...said].join("  "));
    }
  }
  print(lines.join("\n"));
  return EXIT.ready;
}

import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseTemplates, references } from "../core/template.ts";
import { valueName } from "../core/template-reference.ts";
import { ConfigurationError, EXIT, type ExitCode, UsageError } from "../errors.ts";
import { fetch } from "../phases/fetch.ts";
import { identify } from "../phases/identify.ts";
import { type Boot, known, runPhases } from "../phases/phase.ts";
import { render } from "../phases/render.ts";
import type { Invocation } from "./command.ts";
import { exclusively } from "./exclusive.ts";

/** What `greenleaf-agent render` does; loaded by the command alone, since the parsers take their time to start. */
export async function runRender(invocation: Invocation): Promise<ExitCode> {
  const { world, options } = invocation;
  const boot = newBoot(invocation);
  const folder = options.templates;
  const templates = typeof folder === "string" ? await readTemplates(folder) : await releaseTemplates(boot);
  if (options.names === true) return printNames(templates, invocation);
  boot.templates = templates;
  const run = () => runPhases(boot, [identify, fetch, render]);
  await (boot.mode === "plan" ? run() : exclusively(world, run));
  const told = boot.operations.map(({ name, why }) => `${name}  (${why})`);
  if (told.length > 0) invocation.print(told.join("\n"));
  return boot.degraded === undefined ? EXIT.ready : EXIT.degraded;
}

function newBoot({ world, log, options }: Invocation): Boot {
  const mode = options.plan === true ? "plan" : "apply";
  const budget = options.within === undefined ? {} : { awsBudgetMs: milliseconds(options.within) };
  return { world, log, mode, operations: [], results: [], ...budget };
}

function milliseconds(within: string | boolean): number {
  const seconds = Number(within);
  if (seconds > 0) return seconds * 1000;
  throw new UsageError(`--within ${within} is no time`, {
    why: "it takes seconds, above 0",
    fix: "leave it out for 30",
  });
}

/** Looks at the node's release without unpacking it: rendering is no rollout. */
async function releaseTemplates({ world, log }: Boot): Promise<ReadonlyMap<string, string>> {
  const { release } = await import("../phases/release.ts");
  const look: Boot = { world, log, mode: "plan", operations: [], results: [] };
  await runPhases(look, [identify, release]);
  return known(look, "templates");
}

async function readTemplates(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw noFolder(folder, cause);
  });
  const templates = names.filter((name) => name.endsWith(".env.hbs")).sort();
  return new Map(
    await Promise.all(templates.map(async (name) => [name, await readFile(join(folder, name), "utf8")] as const)),
  );
}

function noFolder(folder: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`render: ${folder} cannot be read`, {
    why: cause instanceof Error ? cause.message : String(cause),
    fix: "name a folder that holds *.env.hbs, or leave --templates out",
    cause,
  });
}

/** One line for each value: the file and key it goes to, what is asked for, and what is said about it. */
function printNames(sources: ReadonlyMap<string, string>, { print }: Invocation): ExitCode {
  const lines = parseTemplates(sources).flatMap((template) =>
    references(template).map(({ reference, key }) => {
      const said = [
        ...(reference.min === undefined ? [] : [`min=${reference.min}`]),
        ...(reference.default === undefined ? [] : [`default=${JSON.stringify(reference.default)}`]),
        ...(reference.from === undefined ? [] : [`from=${reference.from}`]),
      ];
      return [template.target, key, valueName(reference), ...said].join("  ");
    }),
  );
  print(lines.join("\n"));
  return EXIT.ready;
}

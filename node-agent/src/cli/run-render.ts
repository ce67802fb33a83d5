import { readdir } from "node:fs/promises";
import { join } from "node:path";
import { ConfigurationError, EXIT, type ExitCode } from "../base/errors.ts";
import { readWhole } from "../base/read-whole.ts";
import { textOf } from "../base/text.ts";
import { parseTemplates, references } from "../core/config/templates/template.ts";
import { valueName } from "../core/config/templates/template-reference.ts";
import { fetch } from "../phases/boot/fetch.ts";
import { identify } from "../phases/boot/identify.ts";
import { render } from "../phases/boot/render.ts";
import { type Boot, runPhases, Sequence } from "../phases/phase.ts";
import type { Templated } from "../phases/stages.ts";
import type { Invocation } from "./command.ts";
import { exclusively } from "./exclusive.ts";
import { millisecondsOf } from "./within.ts";

/** What `greenleaf-agent render` does; loaded by the command alone, since the parsers take their time to start. */
export async function runRender(invocation: Invocation): Promise<ExitCode> {
  const { world, options } = invocation;
  const boot = newBoot(invocation);
  const folder = options.templates;
  const templates = typeof folder === "string" ? await readTemplates(folder) : await releaseTemplates(boot);
  if (options.names === true) return printNames(templates, invocation);
  const phases = Sequence.of<Templated>().next(identify).next(fetch).next(render);
  const run = () => runPhases(Object.assign(boot, { templates }), phases);
  await (boot.mode === "plan" ? run() : exclusively(world, run));
  const told = boot.operations.map(({ name, why }) => `${name}  (${why})`);
  if (told.length > 0) invocation.print(told.join("\n"));
  return boot.degraded === undefined ? EXIT.ready : EXIT.degraded;
}

function newBoot({ world, log, options }: Invocation): Boot {
  const mode = options.plan === true ? "plan" : "apply";
  const budget = options.within === undefined ? {} : { awsBudgetMs: millisecondsOf(options.within, "30") };
  return { world, log, mode, operations: [], results: [], ...budget };
}

/** Looks at the node's release without unpacking it: rendering is no rollout. */
async function releaseTemplates({ world, log }: Boot): Promise<ReadonlyMap<string, string>> {
  const { release } = await import("../phases/boot/release.ts");
  const look: Boot = { world, log, mode: "plan", operations: [], results: [] };
  const { templates } = await runPhases(look, Sequence.of().next(identify).next(release));
  return templates;
}

async function readTemplates(folder: string): Promise<ReadonlyMap<string, string>> {
  const names = await readdir(folder).catch((cause: unknown) => {
    throw noFolder(folder, cause);
  });
  const templates = names.filter((name) => name.endsWith(".env.hbs")).sort();
  return new Map(
    await Promise.all(
      templates.map(async (name) => [name, textOf(await readWhole(join(folder, name)), join(folder, name))] as const),
    ),
  );
}

function noFolder(folder: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`render: ${folder} cannot be read`, {
    code: "render.templates-folder",
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

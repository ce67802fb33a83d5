import { ConfigurationError } from "../../base/errors.ts";
import { ENVIRONMENT_FOLDER } from "../../base/paths.ts";
import { diffEnv, diffText } from "../../core/config/env-diff.ts";
import {
  type RenderedFile,
  type Rendering,
  renderTemplates,
  type Values,
} from "../../core/config/templates/rendering.ts";
import { applyOperations, type Boot, type Operation, type Phase } from "../phase.ts";
import type { Fetched, Identified, Templated } from "../stages.ts";
import { recordEnvironment } from "./kept-environment.ts";

type Known = Identified & Templated & Fetched;

/** Writes the .env files of the release: all that can be, or none. */
export const render: Phase<Known> = {
  name: "render",
  run: (boot) => renderEnvironment(boot),
};

/**
 * Renders every template and writes what changed. The first-run phase calls it again with the values it produced:
 * files that wait for those are left out until then. Keeps the old set when fetch has kept it.
 */
export async function renderEnvironment(boot: Boot & Known, produced: Values = new Map()): Promise<string | undefined> {
  if (boot.values === undefined) return "the last known good files are kept";
  const rendering = renderTemplates(boot.schema, (boot.values = new Map([...boot.values, ...produced])));
  if (rendering.problems.length > 0) throw unusable(rendering.problems);
  for (const remark of rendering.remarks)
    boot.log.emit({ kind: "notice", message: `render    ${remark}: is it meant?` });
  const changes = await changedFiles(boot, rendering.files);
  if (boot.mode === "plan") await applyOperations(boot, "render", changes, async () => undefined);
  else await writeFiles(boot, changes, rendering);
  return noteOf(rendering);
}

interface WriteFile extends Operation {
  readonly path: string;
  readonly text: string;
  /** Values that changed, by the keys that hold them; absent for a file that is new. */
  readonly diff?: string;
}

/** What a boot of the same release changes, for the history. */
function rotationOf(changes: readonly WriteFile[]): string | undefined {
  const told = changes.flatMap(({ path, diff }) => (diff === undefined ? [] : [`${basename(path)}: ${diff}`]));
  return told.length === 0 ? undefined : told.join("; ");
}

const basename = (path: string): string => path.slice(path.lastIndexOf("/") + 1);

async function changedFiles(boot: Boot & Known, files: readonly RenderedFile[]): Promise<WriteFile[]> {
  const readers = new Map(boot.schema.map(({ target, reader }) => [target, reader]));
  const changes: WriteFile[] = [];
  for (const file of files) {
    const path = `${ENVIRONMENT_FOLDER}/${file.target}`;
    const [old, mode] = [await boot.world.files.read(path), await boot.world.files.mode(path)];
    if (old === file.text && mode === 0o600) continue;
    const diff = (text: string) => diffText(diffEnv(text, file, readers.get(file.target) ?? "compose"));
    const isChanged = old !== undefined && old !== file.text;
    const why = isChanged ? diff(old) : old === undefined ? `new, ${file.lines.size} keys` : "others could read it";
    changes.push({ name: `write ${path}`, why, path, text: file.text, ...(isChanged ? { diff: why } : {}) });
  }
  return changes;
}

// Everything that can fail for want of space happens before the first old file is replaced.
async function writeFiles(boot: Boot & Known, changes: readonly WriteFile[], { files }: Rendering): Promise<void> {
  await boot.world.files.sweep(ENVIRONMENT_FOLDER);
  const staged = await boot.world.files.stage(changes.map(({ path, text }) => ({ path, content: text })));
  try {
    await applyOperations(boot, "render", changes, ({ path }) => staged.commit(path));
  } finally {
    await staged.discard();
  }
  const rotated = rotationOf(changes);
  if (rotated !== undefined) boot.rotated = rotated;
  await recordEnvironment(boot, new Map(files.map(({ target, text }) => [target, text])));
}

function unusable(problems: readonly string[]): ConfigurationError {
  return new ConfigurationError(
    `render: ${problems.length} ${problems.length === 1 ? "value" : "values"} cannot be used`,
    {
      code: "render.values",
      why: "no file was written, why:",
      fix: "correct the values or the templates (docs/configuration.md), then boot again",
      problems,
    },
  );
}

function noteOf({ files, waiting }: Rendering): string {
  const waits = waiting.map(({ target, values }) => `${target} waits for ${values.join(", ")}`);
  return [`${files.length} files`, ...waits].join("; ");
}

import type { Lookup } from "../core/compose/interpolate.ts";
import { releaseVariables } from "../core/release.ts";
import { renderTemplates } from "../core/rendering.ts";
import { Secret } from "../core/secret.ts";
import { ENVIRONMENT_FOLDER } from "./kept-environment.ts";
import { type Boot, known } from "./phase.ts";
import type { StackInput } from "./stack-input.ts";

/** The stack of the release this boot is about, with all that its Compose file asks for. */
export function releaseInput(boot: Boot): StackInput {
  const { composeFile, composeText } = known(boot, "stack");
  const { document } = known(boot, "node");
  const unwritten = boot.mode === "plan" ? plannedFiles(boot) : undefined;
  return {
    file: composeFile,
    text: composeText,
    project: document.project,
    variables: variablesOf(boot),
    ...(unwritten === undefined ? {} : { unwritten }),
  };
}

/** Variables of the release and of the node document, never of the agent's own environment. */
function variablesOf(boot: Boot): Lookup {
  const { document } = known(boot, "node");
  const { files } = boot.world;
  const variables = new Map(
    Object.entries({
      GREENLEAF_PROJECT: document.project,
      GREENLEAF_RUN: files.path(ENVIRONMENT_FOLDER),
      GREENLEAF_STACK: files.path(known(boot, "stack").folder),
      ...releaseVariables(known(boot, "release")),
      ...document.variables,
    }),
  );
  return (name) => variables.get(name);
}

/** What a plan would have written; a file that waits for the first run counts as empty. */
function plannedFiles(boot: Boot): ReadonlyMap<string, string> | undefined {
  if (boot.values === undefined) return undefined;
  const { files, waiting } = renderTemplates(known(boot, "schema"), boot.values);
  const path = (target: string) => boot.world.files.path(`${ENVIRONMENT_FOLDER}/${target}`);
  return new Map([
    ...waiting.map(({ target }) => [path(target), ""] as const),
    ...files.map(({ target, text }) => [path(target), text] as const),
  ]);
}

/** Every secret value this boot knows. */
export function secretsOf({ values }: Boot): string[] {
  return [...(values?.values() ?? [])].flatMap((value) => (value instanceof Secret ? [value.reveal()] : []));
}

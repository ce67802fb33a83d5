import { ConfigurationError } from "../../base/errors.ts";
import { COMPOSE_MODEL_PATH, ENVIRONMENT_FOLDER } from "../../base/paths.ts";
import { renderTemplates } from "../../core/config/templates/rendering.ts";
import type { Lookup } from "../../core/stack/compose/env/interpolate.ts";
import type { StackPolicy } from "../../core/stack/policy.ts";
import { releaseVariables } from "../../core/stack/release.ts";
import { AGENT_FOLDER } from "../boot/kept-environment.ts";
import type { Boot } from "../phase.ts";
import type { Fetched, Identified, Released, Unpacked } from "../stages.ts";
import type { Reader } from "./compose-model.ts";
import type { StackInput } from "./stack-input.ts";

/** Phase release asks before the file is read and before fetch; all after it know both. */
type Known = Boot &
  Identified &
  Unpacked &
  Partial<Pick<Released, "composed"> & Pick<Fetched, "schema" | "values" | "redact">>;

/** The stack of the release this boot is about, with all that its Compose file asks for. */
export function releaseInput(boot: Known): StackInput {
  const { composeFile, composeText } = boot.stack;
  const { document } = boot.node;
  const unwritten = boot.mode === "plan" ? plannedFiles(boot) : undefined;
  return {
    file: composeFile,
    text: composeText,
    project: document.project,
    variables: variablesOf(boot),
    policy: policyOf(boot),
    reader: readerOf(boot),
    ...(boot.composed === undefined ? {} : { read: boot.composed }),
    ...(unwritten === undefined ? {} : { unwritten }),
  };
}

/** What the release brings, what the agent makes for containers, and folders that the node document names. */
function policyOf(boot: Known): StackPolicy {
  const { files } = boot.world;
  const stack = files.path(boot.stack.folder);
  const named = Object.values(boot.node.document.variables ?? {});
  return {
    project: boot.node.document.project,
    images: Object.values(boot.release.images),
    readable: [files.path(AGENT_FOLDER), stack],
    writable: named.filter((value) => value.startsWith("/")),
    environment: [files.path(ENVIRONMENT_FOLDER), stack],
    networks: named,
  };
}

function readerOf(boot: Known): Reader {
  return {
    kept: { path: COMPOSE_MODEL_PATH, isWritten: boot.mode === "apply" },
    // Phase release comes before fetch: nothing secret has been read, and Compose is shown nothing that could be.
    redact: boot.redact ?? ((text) => text),
    remark: (message) => boot.log.emit({ kind: "progress", phase: "release", message }),
  };
}

/** Variables of the release and of the node document, never of the agent's own environment. */
function variablesOf(boot: Known): Lookup {
  const { document } = boot.node;
  const { files } = boot.world;
  refuseForeign(document.variables ?? {});
  const variables = new Map(
    Object.entries({
      GREENLEAF_PROJECT: document.project,
      GREENLEAF_RUN: files.path(ENVIRONMENT_FOLDER),
      GREENLEAF_STACK: files.path(boot.stack.folder),
      ...releaseVariables(boot.release),
      ...document.variables,
    }),
  );
  return (name) => variables.get(name);
}

/** Compose, Docker, the loader and the Go runtime act on these wherever they find them; profiles are handed on. */
const FOREIGN = /^((COMPOSE|DOCKER|BUILDX|BUILDKIT|LD|XDG|OTEL)_|(HOME|PATH|PWD|TMPDIR|GO[A-Z]+)$)/;
const PROFILES = "COMPOSE_PROFILES";

function refuseForeign(variables: Readonly<Record<string, string>>): void {
  const foreign = Object.keys(variables).filter((name) => FOREIGN.test(name) && name !== PROFILES);
  if (foreign.length === 0) return;
  throw new ConfigurationError(`stack: the node document gives the stack ${foreign.join(", ")}`, {
    code: "stack.variables",
    why: "Compose and what it runs on act on these names themselves, whatever the file says",
    fix: `give them other names under "variables" of the node document; ${PROFILES} may stay`,
  });
}

/** What a plan would have written; a file that waits for the first run counts as empty. */
function plannedFiles(boot: Known): ReadonlyMap<string, string> | undefined {
  const { schema, values } = boot;
  if (schema === undefined || values === undefined) return undefined;
  const { files, waiting } = renderTemplates(schema, values);
  const path = (target: string) => boot.world.files.path(`${ENVIRONMENT_FOLDER}/${target}`);
  return new Map([
    ...waiting.map(({ target }) => [path(target), ""] as const),
    ...files.map(({ target, text }) => [path(target), text] as const),
  ]);
}

import { ConfigurationError, PermissionError, TemporaryError } from "../../base/errors.ts";
import { Secret } from "../../base/secret.ts";
import type { ProbeResult } from "../../base/wait.ts";
import { nodeFacts } from "../../core/config/node-facts.ts";
import { redactor } from "../../core/config/redact.ts";
import { parseTemplates } from "../../core/config/templates/template.ts";
import { type Found, resolveValues, type Wanted, wantedNames } from "../../core/config/templates/wanted-values.ts";
import type { Boot, Phase, PhaseOutput } from "../phase.ts";
import type { Fetched, Identified, Parsed, Templated } from "../stages.ts";
import { keptOnDisk } from "../values/after-reboot.ts";
import { insteadOfRefused } from "../values/go-back.ts";
import { goodValues, putBack } from "../values/good-values.ts";
import { seenVersions } from "../values/seen-versions.ts";
import { AWS_BUDGET_MS, ask, type Budget, newBudget } from "./aws.ts";
import { type KeptEnvironment, keptEnvironment, redactKept } from "./kept-environment.ts";

type Known = Boot & Identified & Templated & Parsed;

/** What one request may ask for. */
const PARAMETERS_PER_CALL = 10;
const SECRETS_PER_CALL = 20;

const SHARE_AFTER_SILENCE = 1 / 6;

/** Reads the names out of the templates and fetches exactly those, in parallel batches. */
export const fetch: Phase<Identified & Templated, Fetched> = {
  name: "fetch",
  async run(boot) {
    const schema = parseTemplates(boot.templates);
    const known = Object.assign(boot, { schema });
    const { parameters } = boot.node.document;
    const wanted = wantedNames(parameters, schema);
    const found = await fetchedOrKept(known, wanted);
    if ("files" in found) return keep(known, found);
    const place = { path: parameters, facts: nodeFacts(boot.node) };
    const { values, asked, missing } = resolveValues(place, schema, found);
    if (missing.length > 0) throw missingValues(missing, asked);
    const redact = redactor([...values.values()].flatMap((value) => (value instanceof Secret ? [value.reveal()] : [])));
    const note = `${wanted.parameters.length} parameters, ${wanted.secrets.length} secrets`;
    return { note, learned: { schema, values, redact } };
  },
};

/** The environment of an earlier boot takes the place of what AWS did not answer; what is secret in it stays so. */
function keep(boot: Boot & Parsed, kept: KeptEnvironment): PhaseOutput<Fetched> {
  const note = boot.degraded ?? `the values of ${kept.at} are kept`;
  return { note, learned: { schema: boot.schema, values: undefined, redact: redactKept(boot, kept) } };
}

/** Values, or an earlier environment in place of those that were refused or that AWS did not give. */
async function fetchedOrKept(boot: Known, wanted: Wanted): Promise<Found | KeptEnvironment> {
  // A second run of this phase: what it fetched has just been refused.
  const refused = boot.refused === undefined ? undefined : await goodValues(boot);
  if (refused !== undefined) return refused;
  const found = await fetchOrKeep(boot, wanted);
  if ("files" in found) return found;
  boot.seen = seenVersions(boot, wanted);
  return (await insteadOfRefused(boot, boot.seen)) ?? found;
}

/** What AWS has, or the environment of an earlier boot when that is whole and AWS gives no answer. */
async function fetchOrKeep(boot: Known, wanted: Wanted): Promise<Found | KeptEnvironment> {
  try {
    return await fetchAll(boot, wanted);
  } catch (error) {
    if (!(error instanceof TemporaryError)) throw error;
    const kept = (await keptEnvironment(boot)) ?? (await afterReboot(boot));
    if (kept === undefined) throw error;
    const reason = `AWS gave no answer (${error.why}); the environment of ${kept.at} is kept`;
    boot.degraded = boot.degraded === undefined ? reason : `${boot.degraded}; ${reason}`;
    return kept;
  }
}

/** A reboot takes the files themselves away. */
async function afterReboot(boot: Known): Promise<KeptEnvironment | undefined> {
  const kept = await keptOnDisk(boot);
  if (kept !== undefined && boot.mode === "apply") await putBack(boot, kept);
  return kept;
}

// AWS has just been silent for a whole budget: the node that runs on what it has need not wait for a second one.
const budgetOf = ({ awsBudgetMs = AWS_BUDGET_MS, degraded }: Boot): number =>
  degraded === undefined ? awsBudgetMs : awsBudgetMs * SHARE_AFTER_SILENCE;

async function fetchAll(boot: Boot & Identified, wanted: Wanted): Promise<Found> {
  const { aws } = boot;
  const budget = newBudget(boot.world, budgetOf(boot));
  // All requests are on their way before the first answer is waited for.
  const parameters = inBatches(wanted.parameters, PARAMETERS_PER_CALL, (names) =>
    settled(boot, { budget, names }, (timeoutMs) => aws.parameters.get(names, timeoutMs)),
  );
  const secrets = inBatches(wanted.secrets, SECRETS_PER_CALL, (names) =>
    settled(boot, { budget, names }, (timeoutMs) => aws.secrets.get(names, timeoutMs)),
  );
  const got = { parameters: await Promise.all(parameters), secrets: await Promise.all(secrets) };
  const failures = [...got.parameters, ...got.secrets].flatMap((batch) => ("error" in batch ? [batch] : []));
  if (failures.length > 0) throw worst(failures, budget);
  return { parameters: merged(got.parameters), secrets: merged(got.secrets) };
}

function inBatches<T>(all: readonly string[], size: number, each: (names: readonly string[]) => T): T[] {
  const count = Math.ceil(all.length / size);
  return Array.from({ length: count }, (_, index) => each(all.slice(index * size, (index + 1) * size)));
}

interface Failure {
  readonly names: readonly string[];
  readonly error: unknown;
}

type Settled<V> = { found: ReadonlyMap<string, V> } | Failure;

// One batch's failure must not hide what the others say.
async function settled<V>(
  { world }: Boot,
  { budget, names }: { budget: Budget; names: readonly string[] },
  attempt: (timeoutMs: number) => Promise<ProbeResult<ReadonlyMap<string, V>>>,
): Promise<Settled<V>> {
  try {
    return { found: await ask(world, { what: names.join(", "), budget }, attempt) };
  } catch (error) {
    return { names, error };
  }
}

function merged<V>(all: ReadonlyArray<Settled<V>>): ReadonlyMap<string, V> {
  return new Map(all.flatMap((batch) => ("found" in batch ? [...batch.found] : [])));
}

/** What cannot be fixed comes before what a retry may fix. */
function worst(failures: readonly Failure[], budget: Budget): unknown {
  const errors = failures.map(({ error }) => error);
  const terminal =
    errors.find((error) => error instanceof PermissionError) ??
    errors.find((error) => !(error instanceof TemporaryError));
  if (terminal !== undefined) return terminal;
  const first = errors[0] as TemporaryError;
  const names = failures.flatMap((failure) => failure.names);
  return new TemporaryError(`fetch: ${names.length} names could not be read within ${budget.totalMs / 1000} s`, {
    code: "fetch.deadline",
    why: `${first.why}; not read:`,
    fix: first.fix,
    problems: names,
    cause: first,
  });
}

function missingValues(missing: readonly string[], asked: number): ConfigurationError {
  return new ConfigurationError(`fetch: ${missing.length} of ${asked} values are missing`, {
    code: "fetch.missing",
    why: "the templates need them, and nothing was changed:",
    fix: "create them (docs/configuration.md), then boot again",
    problems: missing,
  });
}

import { nodeFacts } from "../core/node-facts.ts";
import type { Answer } from "../core/retry.ts";
import { parseTemplates } from "../core/template.ts";
import { type Found, resolveValues, type Wanted, wantedNames } from "../core/wanted-values.ts";
import { ConfigurationError, PermissionError, TemporaryError } from "../errors.ts";
import { AWS_BUDGET_MS, ask, type Budget, newBudget } from "./aws.ts";
import { keptEnvironment } from "./kept-environment.ts";
import { type Boot, known, type Phase } from "./phase.ts";

/** What one request may ask for. */
const PARAMETERS_PER_CALL = 10;
const SECRETS_PER_CALL = 20;

const SHARE_AFTER_SILENCE = 1 / 6;

/** Reads the names out of the templates and fetches exactly those, in parallel batches. */
export const fetch: Phase = {
  name: "fetch",
  async run(boot) {
    boot.schema = parseTemplates(known(boot, "templates"));
    const { document } = known(boot, "node");
    const wanted = wantedNames(document.parameters, boot.schema);
    const found = await fetchOrKeep(boot, wanted);
    if (found === undefined) return boot.degraded;
    const place = { path: document.parameters, facts: nodeFacts(known(boot, "node")) };
    const { values, asked, missing } = resolveValues(place, boot.schema, found);
    if (missing.length > 0) throw missingValues(missing, asked);
    boot.values = values;
    return `${wanted.parameters.length} parameters, ${wanted.secrets.length} secrets`;
  },
};

/** Undefined when AWS gives no answer but the environment of an earlier boot is whole. */
async function fetchOrKeep(boot: Boot, wanted: Wanted): Promise<Found | undefined> {
  try {
    return await fetchAll(boot, wanted);
  } catch (error) {
    if (!(error instanceof TemporaryError)) throw error;
    const kept = await keptEnvironment(boot);
    if (kept === undefined) throw error;
    const reason = `AWS gave no answer (${error.why}); the environment of ${kept.at} is kept`;
    boot.degraded = boot.degraded === undefined ? reason : `${boot.degraded}; ${reason}`;
    return undefined;
  }
}

// AWS has just been silent for a whole budget: the node that runs on what it has need not wait for a second one.
const budgetOf = ({ awsBudgetMs = AWS_BUDGET_MS, degraded }: Boot): number =>
  degraded === undefined ? awsBudgetMs : awsBudgetMs * SHARE_AFTER_SILENCE;

async function fetchAll(boot: Boot, wanted: Wanted): Promise<Found> {
  const aws = known(boot, "aws");
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
  attempt: (timeoutMs: number) => Promise<Answer<ReadonlyMap<string, V>>>,
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

/** What cannot be mended comes before what a retry may mend. */
function worst(failures: readonly Failure[], budget: Budget): unknown {
  const errors = failures.map(({ error }) => error);
  const terminal =
    errors.find((error) => error instanceof PermissionError) ??
    errors.find((error) => !(error instanceof TemporaryError));
  if (terminal !== undefined) return terminal;
  const first = errors[0] as TemporaryError;
  const names = failures.flatMap((failure) => failure.names);
  return new TemporaryError(`fetch: ${names.length} names could not be read within ${budget.totalMs / 1000} s`, {
    why: `${first.why}; not read:`,
    fix: first.fix,
    problems: names,
    cause: first,
  });
}

function missingValues(missing: readonly string[], asked: number): ConfigurationError {
  return new ConfigurationError(`fetch: ${missing.length} of ${asked} values are missing`, {
    why: "the templates need them, and nothing was changed:",
    fix: "create them (docs/configuration.md), then boot again",
    problems: missing,
  });
}

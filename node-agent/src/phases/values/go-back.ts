import { AgentError, ConfigurationError, UnhealthyError } from "../../base/errors.ts";
import { REFUSED_VALUES_PATH } from "../../base/paths.ts";
import { type Redact, withhold } from "../../core/config/redact.ts";
import { isStillRefused, parseRefused, type RefusedValues, refusedAgain } from "../../core/node/refused-values.ts";
import { type KeptEnvironment, redactKept } from "../boot/kept-environment.ts";
import type { Boot, Phase } from "../phase.ts";
import type { Fetched, Identified, Templated } from "../stages.ts";
import { areReplaced, goodValues, putBack } from "./good-values.ts";
import { recordVersions } from "./seen-versions.ts";

type Known = Boot & Identified & Templated & Partial<Fetched>;

/** Phases that find fault with new values before any of them is written. */
const BEFORE_WRITING: ReadonlySet<string> = new Set(["fetch", "render"]);

/**
 * A phase that new values may bring down: it runs again with those that the stack was healthy with, if there are any.
 * The node is `degraded` then, and the new ones are remembered. What fails with the old ones too fails as it did at first.
 */
export function orGoBack<Needs extends Identified & Templated, Learns>(
  phase: Phase<Needs, Learns>,
): Phase<Needs, Learns> {
  return {
    name: phase.name,
    run: async (boot) => {
      try {
        return await phase.run(boot);
      } catch (error) {
        if (!(await wentBack(boot, phase.name, error))) throw error;
        return await phase.run(boot).catch(() => Promise.reject(error));
      }
    },
  };
}

/** The values of before, where the fetched ones were refused already and are not to be tried yet. */
export async function insteadOfRefused(boot: Known, seen: string): Promise<KeptEnvironment | undefined> {
  if (boot.mode === "plan" || boot.isForValues === true) return undefined;
  const { world } = boot;
  const refused = parseRefused(await world.files.read(REFUSED_VALUES_PATH));
  if (refused === undefined || !isStillRefused(refused, world.digest(seen), world.clock.date())) return undefined;
  const good = await goodValues(boot);
  if (good === undefined) return undefined;
  boot.refused = refused;
  await recordVersions(boot);
  if (await areReplaced(boot, good)) await putBack(boot, good);
  return good;
}

async function wentBack(boot: Known, phase: string, error: unknown): Promise<boolean> {
  if (boot.mode === "plan" || boot.refused !== undefined || !isAboutValues(error)) return false;
  const good = await goodValues(boot);
  if (good === undefined) return false;
  const isWritten = await areReplaced(boot, good);
  // With the very values it was healthy with something else is the cause.
  if (!isWritten && !BEFORE_WRITING.has(phase)) return false;
  boot.log.emit({ kind: "notice", message: `${phase.padEnd(9)} ${error.message}: back to the values of ${good.at}` });
  boot.refused = await remember(boot, error);
  if (isWritten) await putBack(boot, good);
  boot.values = undefined;
  boot.redact = redactBoth(boot, good);
  return true;
}

// What ran before, and what was to come after it, have each their secrets.
function redactBoth({ redact, schema }: Known, good: KeptEnvironment): Redact {
  const before = schema === undefined ? withhold : redactKept({ schema }, good);
  return redact === undefined ? before : (text) => before(redact(text));
}

// What is temporary has no better value, and a right that is missing is no value.
const isAboutValues = (error: unknown): error is AgentError =>
  error instanceof UnhealthyError || error instanceof ConfigurationError;

async function remember(boot: Known, { message, why, problems }: AgentError): Promise<RefusedValues> {
  const { files, clock, digest } = boot.world;
  const before = parseRefused(await files.read(REFUSED_VALUES_PATH));
  const refusal = { seen: digest(boot.seen ?? ""), what: message, why: [why, ...problems].join(" ") };
  const refused = refusedAgain(before, refusal, clock.date());
  await files.write(REFUSED_VALUES_PATH, `${JSON.stringify(refused)}\n`);
  await recordVersions(boot);
  boot.rotated ??= "refused";
  return refused;
}

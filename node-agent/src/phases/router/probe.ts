import { natConfig, PROBE_ADDRESS, routerOf } from "../core/nat/config.ts";
import { proofOf } from "../core/nat/quorum.ts";
import { done, notYet, until } from "../core/retry.ts";
import { AgentError, UnhealthyError } from "../errors.ts";
import { readDocument } from "./identify.ts";
import { readState } from "./nat.ts";
import type { Phase } from "./phase.ts";

const PROOF_WAIT_MS = 15_000;
const ATTEMPT_MS = 1_000;

/** Ready only after packets were forwarded, translated and answered: the same way a client's packets take. */
export const probe: Phase = {
  name: "probe",
  async run(boot) {
    if (boot.mode === "plan") return undefined;
    const { world } = boot;
    const config = natConfig(routerOf(await readDocument(world)), await readState(world));
    const wait = {
      what: "a translated answer",
      withinMs: PROOF_WAIT_MS,
      everyMs: 100,
      growth: 2,
      maxMs: 1_000,
      fix: FIX,
    };
    const answers = await until(world.clock, wait, async () => {
      const answers = await Promise.all(config.probes.map((target) => world.probe(target, PROBE_ADDRESS, ATTEMPT_MS)));
      const proof = proofOf(answers);
      return proof.isProven ? done(answers) : notYet(proof.because);
    }).catch(notProven);
    const fastest = Math.min(...answers.flatMap(({ error, ms }) => (error === undefined ? [ms] : [])));
    return `${answers.filter(({ error }) => error === undefined).length} of ${answers.length} targets answered, the first in ${fastest} ms`;
  },
};

const FIX =
  "check the public address, the security group and source/destination check of the interface (docs/runbook-router.md)";

function notProven(cause: unknown): never {
  if (!(cause instanceof AgentError)) throw cause;
  throw new UnhealthyError("probe: the rules stand, but no translated packet came back", {
    why: cause.why,
    fix: FIX,
    cause,
  });
}

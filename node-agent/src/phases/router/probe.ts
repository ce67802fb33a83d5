import { AgentError, UnhealthyError } from "../../base/errors.ts";
import { done, pending, until } from "../../base/wait.ts";
import { natConfig, PROBE_ADDRESS, routerOf } from "../../core/router/nat/config.ts";
import { proofOf } from "../../core/router/nat/quorum.ts";
import { readDocument } from "../boot/identify.ts";
import type { Phase } from "../phase.ts";
import { readState } from "./nat.ts";

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
      return proof.isProven ? done(answers) : pending(proof.why);
    }).catch(async (cause: unknown) => notProven(cause, await world.iptables.blocking()));
    const fastest = Math.min(...answers.flatMap(({ error, ms }) => (error === undefined ? [ms] : [])));
    return `${answers.filter(({ error }) => error === undefined).length} of ${answers.length} targets answered, the first in ${fastest} ms`;
  },
};

const FIX =
  "check the public address, the security group and source/destination check of the interface (docs/runbook-router.md)";

function notProven(cause: unknown, blocking: readonly string[]): never {
  if (!(cause instanceof AgentError)) throw cause;
  throw new UnhealthyError("probe: the rules stand, but no translated packet came back", {
    code: "probe.unproven",
    why: cause.why,
    fix:
      blocking.length === 0
        ? FIX
        : `another firewall drops what is forwarded (nft list ruleset): ${blocking.join("; ")}`,
    cause,
  });
}

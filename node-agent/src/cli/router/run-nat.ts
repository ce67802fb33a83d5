import { EXIT, type ExitCode, UsageError } from "../../base/errors.ts";
import { routerOf } from "../../core/router/nat/config.ts";
import { planRemoval } from "../../core/router/nat/plan.ts";
import { readDocument } from "../../phases/boot/identify.ts";
import { applyOperations, type Boot, type Mode, runPhases, Sequence } from "../../phases/phase.ts";
import { execute, nat as natPhase, observe, sweepRouterFiles } from "../../phases/router/nat.ts";
import { withNatLock } from "../../phases/router/nat-lock.ts";
import { probe } from "../../phases/router/probe.ts";
import type { Invocation } from "../command.ts";
import { natRotateKey } from "./nat-rotate-key.ts";
import { natDrain, natStatus } from "./nat-status.ts";

const ACTIONS: Readonly<Record<string, (invocation: Invocation) => Promise<ExitCode>>> = {
  plan: async (invocation) => converge(invocation, "plan"),
  apply: async (invocation) => converge(invocation, "apply"),
  status: natStatus,
  drain: natDrain,
  "rotate-key": natRotateKey,
  remove,
};

export async function runNat(invocation: Invocation): Promise<ExitCode> {
  const [action = ""] = invocation.positionals;
  const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (run && invocation.positionals.length === 1) return run(invocation);
  throw new UsageError(`greenleaf-agent nat: ${invocation.positionals.join(" ") || "no action"} is not known`, {
    code: "usage.action",
    why: `it is one of ${Object.keys(ACTIONS).join(", ")}`,
    fix: "see greenleaf-agent nat --help",
  });
}

const newBoot = ({ world, log }: Invocation, mode: Mode): Boot => ({ world, log, mode, operations: [], results: [] });

async function converge(invocation: Invocation, mode: Mode): Promise<ExitCode> {
  const boot = newBoot(invocation, mode);
  const forwarding = Sequence.of().next(natPhase);
  await runPhases(boot, invocation.options["no-probe"] === true ? forwarding : forwarding.next(probe));
  if (mode === "plan") printPlan(invocation, boot);
  return EXIT.ready;
}

function printPlan({ print, options }: Invocation, { operations }: Boot): void {
  if (options.json === true) return print(JSON.stringify(operations));
  for (const { name, why } of operations) print(`${name}  (${why})`);
}

async function remove(invocation: Invocation): Promise<ExitCode> {
  const { world } = invocation;
  const boot = newBoot(invocation, "apply");
  const router = routerOf(await readDocument(world));
  // Tables are deleted once they are seen empty, so a second look follows the first.
  await withNatLock(world, async () => {
    for (let pass = 0; pass < 2; pass += 1) {
      const operations = planRemoval(router, await observe(world, router));
      await applyOperations(boot, "nat", operations, (operation) => execute(world, operation));
    }
    await sweepRouterFiles(world, router);
  });
  return EXIT.ready;
}

import { routerOf } from "../core/nat/config.ts";
import { planRemoval } from "../core/nat/plan.ts";
import { EXIT, type ExitCode, UsageError } from "../errors.ts";
import { readDocument } from "../phases/identify.ts";
import { execute, nat as natPhase, observe } from "../phases/nat.ts";
import { withNatLock } from "../phases/nat-lock.ts";
import { type Boot, type Mode, perform, runPhases } from "../phases/phase.ts";
import { probe } from "../phases/probe.ts";
import type { Command, Invocation } from "./command.ts";
import { natDrain, natStatus } from "./nat-status.ts";

const ACTIONS: Readonly<Record<string, (invocation: Invocation) => Promise<ExitCode>>> = {
  plan: async (invocation) => converge(invocation, "plan"),
  apply: async (invocation) => converge(invocation, "apply"),
  status: natStatus,
  drain: natDrain,
  remove,
};

export const natCommand: Command = {
  name: "nat",
  summary: "the router's translation: plan, apply, status, drain or remove it",
  examples: [
    "greenleaf-agent nat plan     # what apply would do, with the reason of each step",
    "greenleaf-agent nat apply",
    "greenleaf-agent nat status --json",
    "greenleaf-agent nat drain    # hand this zone to the other router, flows included",
    "greenleaf-agent nat remove   # give the machine back its earlier rules and sysctls",
  ],
  positionals: ["plan|apply|status|drain|remove"],
  options: {
    json: { type: "boolean", summary: "data as JSON" },
    "no-probe": { type: "boolean", summary: "apply without proving that packets come back translated" },
  },
  run: async (invocation) => {
    const [action = ""] = invocation.positionals;
    const run = Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
    if (run && invocation.positionals.length === 1) return run(invocation);
    throw new UsageError(`greenleaf-agent nat: ${invocation.positionals.join(" ") || "no action"} is not known`, {
      why: `it is one of ${Object.keys(ACTIONS).join(", ")}`,
      fix: "see greenleaf-agent nat --help",
    });
  },
};

const newBoot = ({ world, log }: Invocation, mode: Mode): Boot => ({ world, log, mode, operations: [], results: [] });

async function converge(invocation: Invocation, mode: Mode): Promise<ExitCode> {
  const boot = newBoot(invocation, mode);
  await runPhases(boot, invocation.options["no-probe"] === true ? [natPhase] : [natPhase, probe]);
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
      await perform(boot, "nat", operations, (operation) => execute(world, operation));
    }
  });
  return EXIT.ready;
}

import { ConfigurationError, EngineGone, TemporaryError } from "../../base/errors.ts";
import type { Redact } from "../../core/config/redact.ts";
import type { Stack } from "../../core/stack/compose/stack.ts";
import { memoryShortages } from "../../core/stack/memory-admission.ts";
import type { Observed } from "../../core/stack/observed.ts";
import type { StackOperation } from "../../core/stack/plan/operation.ts";
import { planStack } from "../../core/stack/plan/plan.ts";
import { unmetPreconditions } from "../../core/stack/preconditions.ts";
import type { World } from "../../world.ts";
import { awaitEngine } from "../boot/engine.ts";
import { removeOldMounts } from "../boot/placed-mounts.ts";
import type { Boot, Phase } from "../phase.ts";
import type { Fetched, Identified, Released, Running } from "../stages.ts";
import { keepGoodValues } from "../values/good-values.ts";
import { executePlan } from "./execute/execute-plan.ts";
import { healthWatch } from "./health-watch.ts";
import { observeStack } from "./observe.ts";
import { releaseInput } from "./release-input.ts";
import { readStack, type StackInput, type StackSource, specify } from "./stack-input.ts";

/** Milliseconds for one service to become healthy, when the command line says nothing else. */
export const HEALTHY_WITHIN_MS = 300_000;

/** How often the engine may go away under one boot. */
const MAX_ATTEMPTS = 3;

/** Brings the stack of the release up. */
export const stack: Phase<Identified & Released & Fetched, Running> = {
  name: "stack",
  async run(boot) {
    const before = boot.operations.length;
    const { services } = await applyStack(contextOf(boot), releaseInput(boot));
    const learned = { services: services.map(({ name }) => name) };
    // The report names them also where what is left to do fails.
    await removeOldMounts(Object.assign(boot, learned));
    if (boot.mode === "apply") await keepGoodValues(boot);
    const note = boot.operations.length === before ? "nothing to do" : undefined;
    return { note, learned };
  },
};

export interface StackContext {
  readonly world: World;
  readonly mode: "apply" | "plan";
  readonly tell: (operation: Pick<StackOperation, "name" | "why">) => void;
  readonly progress: (message: string) => void;
  readonly redact: Redact;
  /** Milliseconds for one service to become healthy. */
  readonly healthyWithinMs: number;
}

export function contextOf(boot: Boot & Pick<Fetched, "redact">): StackContext {
  const { world, mode, log } = boot;
  return {
    world,
    mode,
    redact: boot.redact,
    healthyWithinMs: boot.healthyWithinMs ?? HEALTHY_WITHIN_MS,
    progress: (message) => log.emit({ kind: "progress", phase: "stack", message }),
    tell: ({ name, why }) => {
      boot.operations.push({ name, why, phase: "stack" });
      log.emit({ kind: "operation", phase: "stack", operation: name, why });
    },
  };
}

/** Makes the machine run a stack, and waits until every service is healthy. Gives the stack. */
export async function applyStack(context: StackContext, input: StackInput): Promise<Stack> {
  const source = await readStack(context.world, input);
  for (let attempt = 1; ; attempt += 1) {
    try {
      await converge(context, source);
      return source.stack;
    } catch (error) {
      if (!(error instanceof EngineGone) || attempt === MAX_ATTEMPTS) throw error;
      context.progress(`${error.why}; waiting for the engine, then going on`);
      await awaitEngine(context.world);
    }
  }
}

async function converge(context: StackContext, source: StackSource): Promise<void> {
  const { world, mode } = context;
  const { stack } = source;
  const observed = await observeStack(world, stack);
  refuseUnmet(stack, observed);
  const specs = specify(source, { images: observed.images, digest: world.digest });
  const { operations, containers } = planStack({ stack, specs }, observed);
  refuseWithoutMemory(operations, world.sysctl.availableBytes());
  if (mode === "plan") return operations.forEach(context.tell);
  const { redact, healthyWithinMs, tell, progress } = context;
  const watch = healthWatch(world, { redact, withinMs: healthyWithinMs });
  const ids = new Map(observed.containers.map(({ name, id }) => [name, id]));
  await executePlan({ world, stack, watch, ids, tell, progress }, operations);
  const settled = (name: string) => ({ container: ids.get(name) ?? name, condition: "settled" as const });
  await watch.reach([...containers].map(([service, name]) => Object.assign(settled(name), { service })));
}

function refuseUnmet(stack: Stack, observed: Observed): void {
  const [taken] = observed.takenPorts;
  if (taken) {
    throw new ConfigurationError(`stack: port ${taken.port} is taken`, {
      code: "stack.port",
      why: `${taken.holder} holds it, and service ${taken.service} needs it; nothing was changed`,
      fix: "stop that program, or give the service another port (GREENLEAF_HTTP_PORT), then boot again",
      problems: observed.takenPorts.slice(1).map(({ port, holder }) => `port ${port} is taken too, by ${holder}`),
    });
  }
  const problems = unmetPreconditions(stack, observed);
  if (problems.length === 0) return;
  throw new ConfigurationError(`stack: this machine cannot run ${stack.file}`, {
    code: "stack.machine",
    why: "nothing was changed, why:",
    fix: "correct the release or make what is missing, then boot again",
    problems,
  });
}

// Two containers that share too little memory are killed by the kernel, the old one perhaps first.
function refuseWithoutMemory(operations: readonly StackOperation[], availableBytes: number): void {
  const problems = memoryShortages(operations, availableBytes);
  if (problems.length === 0) return;
  throw new TemporaryError("stack: there is no memory for a new container beside the old one", {
    code: "stack.memory",
    why: "nothing was changed, and the old ones go on serving:",
    fix: "free memory, lower that mem_limit, take a larger machine or `order: stop-first`, then boot again",
    problems,
  });
}

import type { Stack } from "../core/compose/stack.ts";
import type { Observed } from "../core/observed.ts";
import type { StackOperation } from "../core/operation.ts";
import { planStack } from "../core/plan.ts";
import { unmetPreconditions } from "../core/preconditions.ts";
import { redactor } from "../core/redact.ts";
import { ConfigurationError, EngineGone } from "../errors.ts";
import type { World } from "../world.ts";
import { awaitEngine } from "./engine.ts";
import { executePlan } from "./execute-plan.ts";
import { healthWatch } from "./health-watch.ts";
import { observeStack } from "./observe-stack.ts";
import { type Boot, type Phase } from "./phase.ts";
import { releaseInput, secretsOf } from "./release-input.ts";
import { readStack, type StackInput, type StackSource, specify } from "./stack-input.ts";

/** Milliseconds for one service to become healthy, when the command line says nothing else. */
export const HEALTHY_WITHIN_MS = 300_000;

/** How often the engine may go away under one boot. */
const MAX_ATTEMPTS = 3;

/** Brings the stack of the release up. */
export const stack: Phase = {
  name: "stack",
  async run(boot) {
    const before = boot.operations.length;
    const { services } = await applyStack(contextOf(boot), releaseInput(boot));
    boot.services = services.map(({ name }) => name);
    return boot.operations.length === before ? "nothing to do" : undefined;
  },
};

export interface StackContext {
  readonly world: World;
  readonly mode: "apply" | "plan";
  readonly tell: (operation: StackOperation) => void;
  readonly progress: (message: string) => void;
  readonly redact: (text: string) => string;
  /** Milliseconds for one service to become healthy. */
  readonly healthyWithinMs: number;
}

function contextOf(boot: Boot): StackContext {
  const { world, mode, log } = boot;
  return {
    world,
    mode,
    redact: redactor(secretsOf(boot)),
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
      why: `${taken.holder} holds it, and service ${taken.service} needs it; nothing was changed`,
      fix: "stop that program, or give the service another port (GREENLEAF_HTTP_PORT), then boot again",
      problems: observed.takenPorts.slice(1).map(({ port, holder }) => `port ${port} is taken too, by ${holder}`),
    });
  }
  const problems = unmetPreconditions(stack, observed);
  if (problems.length === 0) return;
  throw new ConfigurationError(`stack: this machine cannot run ${stack.file}`, {
    why: "nothing was changed, because:",
    fix: "correct the release or make what is missing, then boot again",
    problems,
  });
}

import { failureFacts } from "../base/errors.ts";
import type { Log } from "../base/log.ts";
import type { RefusedValues } from "../core/node/refused-values.ts";
import type { World } from "../world.ts";

/** One change to the machine, with its reason; phases add what their executor needs. */
export interface Operation {
  /** Verb and target, as in `create container greenleaf-caddy-1`. Never holds a secret. */
  readonly name: string;
  readonly why: string;
}

/** `plan` reads the world and prints what `apply` would do; it changes nothing. */
export type Mode = "apply" | "plan";

/** One run of the phases: what each of them has from the start. What they learn is typed by stage: `stages.ts`. */
export interface Boot {
  readonly world: World;
  readonly log: Log;
  readonly mode: Mode;
  /** Every operation planned so far, in order, of all phases. */
  readonly operations: Array<Operation & { phase: string }>;
  readonly results: PhaseResult[];
  /** The phase under way. */
  current?: { readonly phase: string; readonly since: number; readonly operationsBefore: number };
  /** That the boot is over, before its phases are: nothing is done any more. */
  over?: boolean;
  /** Milliseconds for all that one phase asks of AWS, when not the default. */
  readonly awsBudgetMs?: number;
  /** Where the release is read instead of where the node document says. */
  readonly releaseFrom?: string;
  /** Who asked for it, for the history; absent where the machine itself did. */
  readonly by?: string;
  /** Milliseconds for each service to become healthy, when not the default. */
  readonly healthyWithinMs?: number;
  /** Only changed values are wanted: the release that runs stays, and what was refused is tried again. */
  readonly isForValues?: boolean;
  /** The versions that were fetched; no value. */
  seen?: string;
  /** The values that were refused: the node is back on those of before. */
  refused?: RefusedValues;
  /** What became of values that changed, for the history. */
  rotated?: string;
  /** Why the node runs on less than the newest truth; makes the verdict `degraded`. */
  degraded?: string;
}

export interface PhaseResult {
  phase: string;
  ms: number;
  operations: number;
  error?: { code: string; what: string; why: string; exitCode: number };
}

/** What a phase has to say when it is over: a note for people, and what it learned. */
export interface PhaseOutput<Learns> {
  readonly note?: string | undefined;
  readonly learned: Learns;
}

/** One that learns nothing gives its note alone. */
type Told<Learns> = unknown extends Learns ? string | undefined : PhaseOutput<Learns>;

export interface Phase<Needs = unknown, Learns = unknown> {
  readonly name: string;
  // A property, not a method: only so are its needs checked.
  readonly run: (boot: Boot & Needs) => Promise<Told<Learns>>;
}

/** A phase whose place in a sequence has been checked. */
interface Step {
  readonly name: string;
  readonly run: (boot: never) => Promise<PhaseOutput<unknown> | string | undefined>;
}

/** Phases in an order in which each finds what it needs; any other does not compile. */
export class Sequence<Given = unknown, Known = Given> {
  readonly steps: readonly Step[];

  private constructor(steps: readonly Step[]) {
    this.steps = steps;
  }

  /** `Given` is what is known before the first. */
  static of<Given = unknown>(): Sequence<Given> {
    return new Sequence<Given>([]);
  }

  next<Learns>(phase: Phase<Known, Learns>): Sequence<Given, Known & Learns> {
    return new Sequence<Given, Known & Learns>([...this.steps, phase as Step]);
  }
}

/** Records and tells the operations, and executes them unless only a plan is wanted. */
export async function applyOperations<O extends Operation>(
  boot: Boot,
  phase: string,
  operations: readonly O[],
  execute: (operation: O) => Promise<void>,
): Promise<void> {
  for (const operation of operations) {
    refuseAfterEnd(boot);
    boot.operations.push({ name: operation.name, why: operation.why, phase });
    boot.log.emit({ kind: "operation", phase, operation: operation.name, why: operation.why });
    if (boot.mode === "apply") await execute(operation);
  }
}

/** Runs phases in order and stops at the first failure; every start, end and failure is told from here. */
export async function runPhases<Given, Known>(
  boot: Boot & Given,
  { steps }: Sequence<Given, Known>,
): Promise<Boot & Known> {
  for (const step of steps) await runPhase(boot, step);
  // Every step has added what it learned.
  return boot as Boot & Given & Known;
}

async function runPhase(boot: Boot, phase: Step): Promise<void> {
  refuseAfterEnd(boot);
  boot.current = {
    phase: phase.name,
    since: boot.world.clock.now(),
    operationsBefore: boot.operations.length,
  };
  boot.log.emit({ kind: "phase-started", phase: phase.name });
  try {
    const told = await phase.run(boot as never);
    refuseAfterEnd(boot);
    const { note } = typeof told === "object" ? learn(boot, told) : { note: told };
    const result = resultOf(boot, boot.current);
    boot.results.push(result);
    boot.log.emit({ kind: "phase-finished", ...result, ...(note === undefined ? {} : { note }) });
  } catch (error) {
    if (boot.over !== true) failPhase(boot, error);
    throw error;
  }
  delete boot.current;
}

/** Adds what was learned to the run, for the phases after. */
export function learn<Learns>(boot: Boot, output: PhaseOutput<Learns>): PhaseOutput<Learns> {
  Object.assign(boot, output.learned);
  return output;
}

/** Ends a boot whose phases may still hang: the one under way has failed, and none of them does anything any more. */
export function endPhase(boot: Boot, error: unknown): void {
  boot.over = true;
  failPhase(boot, error);
}

function failPhase(boot: Boot, error: unknown): void {
  const { current } = boot;
  if (current === undefined) return;
  delete boot.current;
  const result = resultOf(boot, current);
  const { code, what, why, exitCode } = failureFacts(error);
  boot.results.push({ ...result, error: { code, what, why, exitCode } });
  boot.log.emit({ kind: "phase-failed", phase: current.phase, ms: result.ms, code, what, why });
}

function resultOf(boot: Boot, { phase, since, operationsBefore }: NonNullable<Boot["current"]>): PhaseResult {
  const ms = Math.round(boot.world.clock.now() - since);
  return { phase, ms, operations: boot.operations.length - operationsBefore };
}

function refuseAfterEnd({ over }: Boot): void {
  if (over === true) throw new Error("the boot is over");
}

import type { NodeDocument } from "../core/node-document.ts";
import type { Release } from "../core/release.ts";
import type { Values } from "../core/rendering.ts";
import type { Template } from "../core/template.ts";
import { AgentError } from "../errors.ts";
import type { Log } from "../log.ts";
import type { Aws, World } from "../world.ts";

/** One change to the machine, with its reason; phases add what their executor needs. */
export interface Operation {
  /** Verb and target, as in `create container greenleaf-caddy-1`. Never holds a secret. */
  readonly name: string;
  readonly why: string;
}

/** `plan` reads the world and prints what `apply` would do; it changes nothing. */
export type Mode = "apply" | "plan";

/** Who and where this machine is: the node document and what IMDS adds to it. */
export interface Node {
  readonly document: NodeDocument;
  readonly region: string;
  /** Undefined where there is no IMDS (a local node). */
  readonly instance?: { readonly id: string; readonly zone: string; readonly type: string; readonly accountId: string };
}

/** What one run of the phases has learned so far; each phase adds what is its own. */
export interface Boot {
  readonly world: World;
  readonly log: Log;
  readonly mode: Mode;
  /** Every operation planned so far, in order, of all phases. */
  readonly operations: Array<Operation & { phase: string }>;
  readonly results: PhaseResult[];
  node?: Node;
  /** How to reach AWS as this machine; opened by identify. */
  aws?: Aws;
  /** Milliseconds for all that one phase asks of AWS, when not the default. */
  readonly awsBudgetMs?: number;
  /** Which release the node runs; learned by phase release, with the three below. */
  release?: Release;
  /** Where the release's stack archive is unpacked, and its Compose file. */
  stack?: { readonly folder: string; readonly composeFile: string; readonly composeText: string };
  /** Milliseconds for each service to become healthy, when not the default. */
  readonly healthyWithinMs?: number;
  /** Templates of the release by file name, as in `backend.env.hbs`. */
  templates?: ReadonlyMap<string, string>;
  /** The same, parsed by fetch. */
  schema?: readonly Template[];
  /** What the templates ask for; unknown while the last known good environment is kept. */
  values?: Values;
  /** Services that must be healthy for the node to be; learned by phase stack. */
  services?: readonly string[];
  /** Why the node runs on less than the newest truth; makes the verdict `degraded`. */
  degraded?: string;
}

export interface PhaseResult {
  phase: string;
  ms: number;
  operations: number;
  error?: { what: string; why: string; exitCode: number };
}

export interface Phase {
  readonly name: string;
  /** Returns a note for people, if there is something to say. */
  run(boot: Boot): Promise<string | undefined>;
}

/** What an earlier phase must have learned; asking too early is a bug of the order in index.ts. */
export function known<K extends keyof Boot>(boot: Boot, key: K): NonNullable<Boot[K]> {
  const value = boot[key];
  if (value === undefined || value === null) throw new Error(`phase order: ${key} is not known yet`);
  return value;
}

/** Records and tells the operations, and executes them unless only a plan is wanted. */
export async function perform<O extends Operation>(
  boot: Boot,
  phase: string,
  operations: readonly O[],
  execute: (operation: O) => Promise<void>,
): Promise<void> {
  for (const operation of operations) {
    boot.operations.push({ name: operation.name, why: operation.why, phase });
    boot.log.emit({ kind: "operation", phase, operation: operation.name, why: operation.why });
    if (boot.mode === "apply") await execute(operation);
  }
}

/** Runs phases in order and stops at the first failure; every start, end and failure is told from here. */
export async function runPhases(boot: Boot, phases: readonly Phase[]): Promise<void> {
  for (const phase of phases) await runPhase(boot, phase);
}

async function runPhase(boot: Boot, phase: Phase): Promise<void> {
  const { clock } = boot.world;
  const start = clock.now();
  const before = boot.operations.length;
  const result = () => ({
    phase: phase.name,
    ms: Math.round(clock.now() - start),
    operations: boot.operations.length - before,
  });
  boot.log.emit({ kind: "phase-started", phase: phase.name });
  try {
    const note = await phase.run(boot);
    boot.results.push(result());
    boot.log.emit({ kind: "phase-finished", ...result(), ...(note === undefined ? {} : { note }) });
  } catch (error) {
    boot.results.push({ ...result(), error: failureOf(error) });
    boot.log.emit({ kind: "phase-failed", phase: phase.name, ms: result().ms, what: failureOf(error).what });
    throw error;
  }
}

function failureOf(error: unknown): { what: string; why: string; exitCode: number } {
  if (error instanceof AgentError) return { what: error.message, why: error.why, exitCode: error.exitCode };
  return { what: error instanceof Error ? error.message : String(error), why: "a bug in greenleaf", exitCode: 70 };
}

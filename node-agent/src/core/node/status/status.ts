import { isCount, isFlag, isText, listOf, oneOf, optional, parsed, shape } from "../../../base/shape.ts";

/** What a node says of itself; the last four are also what `greenleaf-agent status` ends with, as exit codes. */
export type Verdict = "ready" | "degraded" | "failed" | "booting" | "draining";

export interface PhaseStatus {
  name: string;
  /** How often the phase ran since the node was last ready. */
  attempts: number;
  /** Absent while a boot is under way. */
  ms?: number;
  operations?: number;
  error?: PhaseFailure;
}

/** `code` is one of docs/reference/errors.md, or `bug`; documents before 0.6 have none. */
interface PhaseFailure {
  code?: string;
  what: string;
  why: string;
}

/** Why the verdict is not `ready`. */
export interface Reason {
  /** As of a phase; absent where nothing failed. */
  code?: string;
  what: string;
  why: string;
  fix?: string;
  exitCode?: number;
}

/** What the lifecycle hook of an Auto Scaling group was told. */
export interface HookReport {
  name: string;
  group?: string;
  result: "CONTINUE" | "ABANDON";
  /** False when AWS could not be reached; the daemon tells it then. */
  delivered: boolean;
  why?: string;
}

export interface NodeStatus {
  project: string;
  environment: string;
  role: "app" | "router";
  instanceId?: string;
  zone?: string;
}

/** The status document: one verdict and how it came about. Holds no secret. */
export interface Status {
  version: 1;
  verdict: Verdict;
  reason?: Reason;
  agent: string;
  node?: NodeStatus;
  release?: string;
  /** Services that must be healthy for the node to be. */
  services: string[];
  phases: PhaseStatus[];
  hook?: HookReport;
  /** An earlier boot that ended without a verdict (killed, power cut). */
  interrupted?: { started: string };
  started: string;
  updated: string;
}

/** What one run of a phase left behind. */
export interface PhaseOutcome {
  phase: string;
  ms: number;
  operations: number;
  error?: PhaseFailure;
}

export interface BootEnd {
  verdict: "ready" | "degraded" | "failed";
  reason?: Reason;
  results: readonly PhaseOutcome[];
  node?: NodeStatus;
  release?: string;
  services?: readonly string[];
  at: Date;
}

/** The document at the start of a boot. A `booting` found there belongs to a boot that never ended. */
export function bootingStatus(previous: Status | undefined, { agent, at }: { agent: string; at: Date }): Status {
  const now = at.toISOString();
  const isInterrupted = previous?.verdict === "booting" && previous.reason === undefined;
  const interrupted = isInterrupted ? { started: previous.started } : keptInterruption(previous);
  return {
    version: 1,
    verdict: "booting",
    agent,
    ...pick(previous, ["node", "release"]),
    services: previous?.services ?? [],
    phases: wasReady(previous) ? [] : (previous?.phases ?? []).map(({ name, attempts }) => ({ name, attempts })),
    ...(interrupted ? { interrupted } : {}),
    started: now,
    updated: now,
  };
}

/** The document while a machine that never was a node is given what one needs: a boot is to follow, none is under way. */
export function installingStatus(start: { agent: string; at: Date }): Status {
  const reason = { what: "the image lacks what its role needs", why: "greenleaf-agent install brings it" };
  return { ...bootingStatus(undefined, start), reason };
}

/** The document at the end of a boot, ready or not. */
export function finishedStatus(booting: Status, end: BootEnd): Status {
  const attemptsBefore = new Map(booting.phases.map(({ name, attempts }) => [name, attempts]));
  return {
    version: 1,
    verdict: end.verdict,
    ...(end.reason ? { reason: end.reason } : {}),
    agent: booting.agent,
    ...pick(booting, ["node", "release"]),
    ...(end.node ? { node: end.node } : {}),
    ...(end.release === undefined ? {} : { release: end.release }),
    services: [...(end.services ?? booting.services)],
    phases: end.results.map(({ phase, ms, operations, error }) => ({
      name: phase,
      attempts: (attemptsBefore.get(phase) ?? 0) + 1,
      ms,
      operations,
      ...(error ? { error: phaseFailure(error) } : {}),
    })),
    ...pick(booting, ["interrupted"]),
    started: booting.started,
    updated: end.at.toISOString(),
  };
}

// What else is known of the failure is in the reason.
const phaseFailure = ({ code, what, why }: PhaseFailure): PhaseFailure => ({
  ...(code === undefined ? {} : { code }),
  what,
  why,
});

export function drainingStatus(status: Status, why: string, at: Date): Status {
  return { ...status, verdict: "draining", reason: { what: "the node is draining", why }, updated: at.toISOString() };
}

/** Reads a status document; undefined when it is none of this version's. */
export function parseStatus(text: string | undefined): Status | undefined {
  if (text === undefined) return undefined;
  return parsed(text, isStatus) as Status | undefined;
}

const isStatus = shape({
  version: (value) => value === 1,
  verdict: oneOf("ready", "degraded", "failed", "booting", "draining"),
  reason: optional(
    shape({ code: optional(isText), what: isText, why: isText, fix: optional(isText), exitCode: optional(isCount) }),
  ),
  agent: isText,
  node: optional(
    shape({
      project: isText,
      environment: isText,
      role: oneOf("app", "router"),
      instanceId: optional(isText),
      zone: optional(isText),
    }),
  ),
  release: optional(isText),
  services: listOf(isText),
  phases: listOf(
    shape({
      name: isText,
      attempts: isCount,
      ms: optional(isCount),
      operations: optional(isCount),
      error: optional(shape({ code: optional(isText), what: isText, why: isText })),
    }),
  ),
  hook: optional(
    shape({
      name: isText,
      group: optional(isText),
      result: oneOf("CONTINUE", "ABANDON"),
      delivered: isFlag,
      why: optional(isText),
    }),
  ),
  interrupted: optional(shape({ started: isText })),
  started: isText,
  updated: isText,
});

export const statusBytes = (status: Status): string => `${JSON.stringify(status, null, 2)}\n`;

function keptInterruption(previous: Status | undefined): Status["interrupted"] {
  return wasReady(previous) ? undefined : previous?.interrupted;
}

// A drained node was ready before; what follows is a new life (a stopped Spot instance that starts again).
function wasReady(status: Status | undefined): boolean {
  return status === undefined || ["ready", "degraded", "draining"].includes(status.verdict);
}

function pick<K extends keyof Status>(status: Status | undefined, keys: readonly K[]): Partial<Pick<Status, K>> {
  const kept: Partial<Pick<Status, K>> = {};
  for (const key of keys) if (status?.[key] !== undefined) kept[key] = status[key];
  return kept;
}

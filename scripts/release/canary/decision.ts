import type { Traffic } from "../../../node-agent/src/core/node/traffic.ts";

/** What `greenleaf-agent traffic` says of one node since the watch began. */
export interface NodeTraffic extends Traffic {
  readonly verdict?: string;
  readonly release?: string;
}

/** What is known of the canary and of its neighbours; undefined where a node gave no answer. */
export interface Look {
  readonly canary: NodeTraffic | undefined;
  readonly others: ReadonlyArray<NodeTraffic | undefined>;
  /** What the balancer says of the canary; undefined when the instance is gone. */
  readonly target: string | undefined;
  readonly elapsedMs: number;
  /** How many looks in turn the canary gave no answer, this one included. */
  readonly silent: number;
}

export interface CanaryLimits {
  /** The release the canary is to run. */
  readonly release: string;
  /** The watch is over after this time, or this many requests, whichever comes first. */
  readonly forMs: number;
  readonly requests: number;
}

export type CanaryDecision =
  | { readonly is: "watch"; readonly told: string }
  | { readonly is: "on"; readonly why: string }
  | { readonly is: "back"; readonly why: string; readonly isQuiet?: true };

/** A busy node may miss a question; a third in turn says something. */
const MAX_SILENT = 3;
/** Below this nothing is judged. */
const LEAST_REQUESTS = 20;
/** So much more of its requests than the others' may fail, and one or two prove nothing. */
const ERROR_MARGIN = 0.01;
const LEAST_ERRORS = 3;
/** A 99th percentile of fewer is the slowest request. */
const LEAST_TIMED = 100;
const SLOWER = 1.5;
const SLOWER_MS = 50;

/** Whether a release goes on from its canary, back, or is watched on. */
export function decideCanary(look: Look, limits: CanaryLimits): CanaryDecision {
  const lost = lostCanary(look, limits);
  if (lost !== undefined) return { is: "back", why: lost };
  const { canary, elapsedMs } = look;
  if (canary === undefined) return { is: "watch", told: "the canary gave no answer" };
  const others = together(look.others);
  const tooManyErrors = moreErrors(canary, others);
  if (tooManyErrors !== undefined) return { is: "back", why: tooManyErrors };
  const told = wordsOf(canary, others);
  if (canary.requests < limits.requests && elapsedMs < limits.forMs) return { is: "watch", told };
  if (canary.requests < Math.min(LEAST_REQUESTS, limits.requests))
    return {
      is: "back",
      why: `${canary.requests} requests came in ${seconds(elapsedMs)}: too few to judge by`,
      isQuiet: true,
    };
  const slower = isSlower(canary, others);
  return slower === undefined ? { is: "on", why: told } : { is: "back", why: slower };
}

/** What needs no numbers: the node is gone, sick, or no longer ours to watch. */
function lostCanary({ canary, target, silent }: Look, { release }: CanaryLimits): string | undefined {
  if (target === undefined) return "the node is gone";
  if (target === "unhealthy") return "the balancer calls the node unhealthy";
  if (silent >= MAX_SILENT) return `the node told nothing of its traffic, ${silent} times in turn`;
  if (canary === undefined) return undefined;
  if (canary.release !== release)
    return `the node runs ${canary.release ?? "nothing"} by now: another boot or operator moved it`;
  return canary.verdict === "ready" ? undefined : `the node is ${canary.verdict ?? "without a verdict"}`;
}

/** The neighbours as one; a node that gave no answer says nothing of the release. */
function together(others: Look["others"]): Traffic {
  const known = others.filter((one) => one !== undefined);
  const sum = (count: (one: NodeTraffic) => number) => known.reduce((total, one) => total + count(one), 0);
  // The slowest of them: a release is not worse for being as slow as a neighbour.
  const times = known.filter(({ requests }) => requests >= LEAST_TIMED).flatMap(({ p99Ms }) => p99Ms ?? []);
  const counted = { requests: sum(({ requests }) => requests), errors: sum(({ errors }) => errors) };
  return times.length === 0 ? counted : { ...counted, p99Ms: Math.max(...times) };
}

function moreErrors(canary: NodeTraffic, others: Traffic): string | undefined {
  if (canary.requests < LEAST_REQUESTS || canary.errors < LEAST_ERRORS) return undefined;
  if (rate(canary) <= rate(others) + ERROR_MARGIN) return undefined;
  return `${percent(canary)} of its ${canary.requests} requests failed, ${percent(others)} of the others' ${others.requests}`;
}

function isSlower({ requests, p99Ms }: NodeTraffic, others: Traffic): string | undefined {
  if (requests < LEAST_TIMED || p99Ms === undefined || others.p99Ms === undefined) return undefined;
  if (p99Ms <= others.p99Ms * SLOWER + SLOWER_MS) return undefined;
  return `its p99 is ${p99Ms} ms, and ${others.p99Ms} ms on the slowest of the others`;
}

const wordsOf = (canary: NodeTraffic, others: Traffic): string =>
  `${canary.requests} requests, ${percent(canary)} failed${time(canary)}; the others ${others.requests}, ${percent(others)}${time(others)}`;

const time = ({ p99Ms }: Traffic): string => (p99Ms === undefined ? "" : `, p99 ${p99Ms} ms`);
const rate = ({ errors, requests }: Traffic): number => (requests === 0 ? 0 : errors / requests);
const percent = (traffic: Traffic): string => `${(rate(traffic) * 100).toFixed(1)} %`;
const seconds = (ms: number): string => `${Math.round(ms / 1000)} s`;

import type { Container, ContainerHealth } from "../stack/containers.ts";
import type { Dependency } from "./dependencies.ts";
import { type Finding, healthzOf } from "./status/outcome.ts";
import type { Verdict } from "./status/status.ts";

/** The service that takes requests from outside; without it nothing is routed. */
export const FRONT = "caddy";

/** After this long without an answer of the engine its last answer says nothing any more. */
const STALE_MS = 5_000;

/** What the daemon last saw. */
export interface Observation {
  role: "app" | "router";
  /** Services that must be healthy: those of the release, or all that were ever seen. */
  expected: readonly string[];
  containers: readonly Container[];
  /** Milliseconds since the engine last answered; undefined when it never did. */
  ageMs?: number;
  /** Why the engine's last answer is missing. */
  engineError?: string;
  draining?: string;
  verdict?: Verdict;
  /** Services that end again and again: not even while one of them runs for a moment is it well. */
  crashLoops?: readonly string[];
  /** Services that customers do without. */
  optional?: readonly string[];
  /** Servers behind the stack that do not answer. */
  away?: readonly Dependency[];
  /** Loops of the daemon that hang: what they would have seen is not known. */
  stalled?: readonly string[];
}

export type Health = { status: "ok" } | { status: "degraded" | "unhealthy"; reason: string };

/** Whether this node may get requests: every service healthy, the front among them, and not draining; and how well. */
export function healthOf(observation: Observation): Health {
  const findings = findingsOf(observation);
  if (findings.length === 0) return { status: "ok" };
  const reason = findings.map((finding) => finding.reason).join("; ");
  return { status: healthzOf(findings) === 200 ? "degraded" : "unhealthy", reason };
}

function findingsOf(observation: Observation): Finding[] {
  const { role, stalled = [], draining } = observation;
  if (draining !== undefined) return [{ cause: "draining", reason: `draining: ${draining}` }];
  const hanging = stalled.map((reason): Finding => ({ cause: "agent hangs", reason }));
  return [...hanging, ...(role === "router" ? findingsOfRouter(observation) : findingsOfStack(observation))];
}

// A router runs no stack: it is as well as its boot found it.
function findingsOfRouter({ verdict }: Observation): Finding[] {
  if (verdict === "ready" || verdict === "degraded") return [];
  return [{ cause: "no stack", reason: `the last boot says ${verdict ?? "nothing"}` }];
}

function findingsOfStack({ expected, ...seen }: Observation): Finding[] {
  const error = suffix(seen.engineError);
  if (seen.ageMs === undefined) return [{ cause: "engine", reason: `the engine has not answered yet${error}` }];
  if (seen.ageMs > STALE_MS) {
    const seconds = Math.round(seen.ageMs / 1000);
    return [{ cause: "engine", reason: `the engine has not answered for ${seconds} s${error}` }];
  }
  if (expected.length === 0) return [nothingRuns(seen.verdict)];
  const { containers, crashLoops = [], optional = [], away = [] } = seen;
  const needed = expected.filter((service) => !optional.includes(service));
  const loops = needed.filter((service) => crashLoops.includes(service)).map(loop);
  const down = needed.flatMap((service) => reasonAgainst(service, containers));
  return [
    ...loops,
    ...down.map((reason): Finding => ({ cause: "service down", reason })),
    ...expected.filter((service) => optional.includes(service)).flatMap((service) => missed(service, seen)),
    ...frontOf(expected),
    ...away.map((cause): Finding => ({ cause, reason: `${cause} away` })),
  ];
}

const again = (service: string): string => `${service} ends again and again`;
const loop = (service: string): Finding => ({ cause: "crash loop", reason: again(service) });

function missed(
  service: string,
  { containers, crashLoops = [] }: Pick<Observation, "containers" | "crashLoops">,
): Finding[] {
  const reasons = crashLoops.includes(service) ? [again(service)] : reasonAgainst(service, containers);
  return reasons.map((reason) => ({ cause: "optional service", reason }));
}

const nothingRuns = (verdict: Verdict | undefined): Finding =>
  verdict === "booting"
    ? { cause: "booting", reason: "the node is booting" }
    : { cause: "no stack", reason: "no stack is running" };

const frontOf = (expected: readonly string[]): Finding[] =>
  expected.includes(FRONT)
    ? []
    : [{ cause: "no stack", reason: `nothing is routed: the stack has no service ${FRONT}` }];

const suffix = (text: string | undefined): string => (text === undefined ? "" : `: ${text}`);

const WORDS: Readonly<Record<ContainerHealth, string | undefined>> = {
  healthy: undefined,
  unchecked: undefined,
  unhealthy: "is unhealthy",
  starting: "is starting",
  stopped: "is stopped",
};

// While a rollout runs, a service has two containers for a moment; one healthy one serves.
function reasonAgainst(service: string, containers: readonly Container[]): string[] {
  const own = containers.filter((container) => container.service === service);
  if (own.length === 0) return [`${service} is missing`];
  if (own.some(({ health }) => WORDS[health] === undefined)) return [];
  return [`${service} ${[...new Set(own.map(({ health }) => WORDS[health]))].join(" and ")}`];
}

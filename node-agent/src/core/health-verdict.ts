import type { Container, ContainerHealth } from "./containers.ts";
import type { Verdict } from "./status.ts";

/** The service that takes requests from outside; without it nothing is routed. */
export const FRONT = "caddy";

/** After this long without an answer of the engine its last answer says nothing any more. */
const STALE_MS = 5_000;

/** What the resident agent last saw. */
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
}

export type Health = { status: "ok" } | { status: "unhealthy"; reason: string };

/** Whether this node may get requests: every service healthy, the front among them, and not draining. */
export function healthOf(observation: Observation): Health {
  const reasons = reasonsAgainst(observation);
  return reasons.length === 0 ? { status: "ok" } : { status: "unhealthy", reason: reasons.join("; ") };
}

function reasonsAgainst(observation: Observation): string[] {
  if (observation.draining !== undefined) return [`draining: ${observation.draining}`];
  return observation.role === "router" ? reasonsAgainstRouter(observation) : reasonsAgainstStack(observation);
}

// A router runs no stack: it is as well as its boot found it.
function reasonsAgainstRouter({ verdict }: Observation): string[] {
  return verdict === "ready" || verdict === "degraded" ? [] : [`the last boot says ${verdict ?? "nothing"}`];
}

function reasonsAgainstStack({ expected, containers, ...seen }: Observation): string[] {
  if (seen.ageMs === undefined) return [`the engine has not answered yet${suffix(seen.engineError)}`];
  if (seen.ageMs > STALE_MS)
    return [`the engine has not answered for ${Math.round(seen.ageMs / 1000)} s${suffix(seen.engineError)}`];
  if (expected.length === 0) return [seen.verdict === "booting" ? "the node is booting" : "no stack is running"];
  const reasons = expected.flatMap((service) => reasonAgainst(service, containers));
  return expected.includes(FRONT) ? reasons : [...reasons, `nothing is routed: the stack has no service ${FRONT}`];
}

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

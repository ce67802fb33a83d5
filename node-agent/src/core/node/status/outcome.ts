import { EXIT, type ExitCode } from "../../../base/errors.ts";
import type { Verdict } from "./status.ts";

/** The verdict of now: the last boot's, unless the daemon sees something else. */
export type VerdictNow = Verdict | "unhealthy" | "unknown";

/** What `greenleaf-agent status` ends with. */
export const EXIT_CODES: Readonly<Record<VerdictNow, ExitCode>> = {
  ready: EXIT.ready,
  degraded: EXIT.degraded,
  failed: EXIT.unhealthy,
  unhealthy: EXIT.unhealthy,
  unknown: EXIT.unhealthy,
  booting: EXIT.temporary,
  draining: EXIT.temporary,
};

/** Why a node is not simply well. */
export type Cause =
  | "draining"
  | "booting"
  | "no stack"
  | "service down"
  | "crash loop"
  | "optional service"
  | "database"
  | "cache"
  | "engine"
  | "agent hangs"
  | "aws"
  | "values"
  | "r2"
  | "disk";

export interface Outcome {
  /** In words, for people. */
  readonly when: string;
  readonly verdict: VerdictNow;
  /** What `/healthz` answers. */
  readonly healthz: 200 | 503;
  readonly customers: string;
}

const ELSEWHERE = "another node serves them";

/** The one table of what follows from what; docs/causes.md is written from it. */
export const OUTCOMES: Readonly<Record<Cause, Outcome>> = {
  draining: {
    when: "the instance ends (Spot notice, Auto Scaling)",
    verdict: "draining",
    healthz: 503,
    customers: "nothing: the node serves until the balancer has stopped sending and requests under way are over",
  },
  booting: {
    when: "a boot is under way and no release ran before",
    verdict: "booting",
    healthz: 503,
    customers: ELSEWHERE,
  },
  "no stack": {
    when: "no release runs, or it has no front",
    verdict: "unhealthy",
    healthz: 503,
    customers: ELSEWHERE,
  },
  "service down": {
    when: "a service (backend, storefront, Caddy) is missing, stopped, starting or unhealthy",
    verdict: "unhealthy",
    healthz: 503,
    customers: `${ELSEWHERE}; on the only node that service's pages answer 502 or 503 until the agent has it back`,
  },
  "crash loop": {
    when: "a service ended five times within ten minutes",
    verdict: "failed",
    healthz: 503,
    customers: "as above, until a release that works is deployed; its last lines are in `greenleaf-agent status`",
  },
  "optional service": {
    when: "one with the label `io.greenleaf.optional` (worker) is missing, stopped, starting or unhealthy, or ends again and again",
    verdict: "degraded",
    healthz: 200,
    customers: "nothing in the shop; letters, imports and exports wait in Valkey until the worker is back",
  },
  database: {
    when: "PostgreSQL does not answer the backend (its `/readyz`); no new node would have it either",
    verdict: "degraded",
    healthz: 200,
    customers:
      "plants from memory for an hour; what needs a cart or an account says at once that the shop is closed for a moment",
  },
  cache: {
    when: "Valkey does not answer the backend (its `/readyz`); no new node would have it either",
    verdict: "degraded",
    healthz: 200,
    customers: "as without the database",
  },
  engine: {
    when: "the Docker engine has not answered for five seconds, or not yet",
    verdict: "unhealthy",
    healthz: 503,
    customers: `${ELSEWHERE}; containers that run serve on`,
  },
  "agent hangs": {
    when: "a loop of the agent has not turned for long; systemd starts it anew",
    verdict: "unhealthy",
    healthz: 503,
    customers: ELSEWHERE,
  },
  aws: {
    when: "Parameter Store or Secrets Manager gave the boot no answer: the last known good state is kept",
    verdict: "degraded",
    healthz: 200,
    customers: "nothing",
  },
  values: {
    when: "the stack does not work with changed parameters or secrets, and runs on those of before",
    verdict: "degraded",
    healthz: 200,
    customers: "nothing",
  },
  r2: {
    when: "the picture store does not answer; nobody on the node asks it for its health",
    verdict: "ready",
    healthz: 200,
    customers: "pictures that the edge has not kept are missing",
  },
  disk: {
    when: "the disk is full: a boot cannot write or pull, and leaves what runs as it is",
    verdict: "failed",
    healthz: 200,
    customers: "nothing, as long as the services that run need no disk",
  },
};

/** What was seen, and what it is a case of. */
export interface Finding {
  readonly cause: Cause;
  readonly reason: string;
}

/** What `/healthz` answers: 503 as soon as one finding says so. */
export const healthzOf = (findings: readonly Finding[]): 200 | 503 =>
  findings.some(({ cause }) => OUTCOMES[cause].healthz === 503) ? 503 : 200;

import { setTimeout as sleep } from "node:timers/promises";
import { isCount, isText, optional, parsed, shape } from "../../../node-agent/src/base/shape.ts";
import type { AwsAccount } from "../../fleet/aws.ts";
import { type FleetNode, nodes } from "../../fleet/nodes.ts";
import { AGENT } from "../in-place.ts";
import { runCommand } from "../run-command.ts";
import type { Look, NodeTraffic } from "./decision.ts";

const FRONT = "docker ps --quiet --filter label=com.docker.compose.service=caddy";

/** Shell lines that print a node's traffic of so many seconds, by the node's own clock. */
export const trafficCommands = (seconds: number): readonly string[] => [
  `${FRONT} | xargs --no-run-if-empty --max-args=1 docker logs --since ${seconds}s 2>/dev/null | ${AGENT} traffic`,
];

const isTraffic = shape({
  requests: isCount,
  errors: isCount,
  p99Ms: optional(isCount),
  verdict: optional(isText),
  release: optional(isText),
});

export interface Watched {
  readonly canary: FleetNode;
  readonly others: readonly FleetNode[];
  readonly everyMs: number;
}

/** What all nodes say at once. A node that cannot be asked, or has an older agent, gives no answer. */
export async function lookAt(account: AwsAccount, watched: Watched, elapsedMs: number): Promise<Omit<Look, "silent">> {
  const { canary, others } = watched;
  const seconds = Math.max(1, Math.floor(elapsedMs / 1000));
  const asked = [canary, ...others].map(({ id }) => trafficOf(account, id, { seconds, everyMs: watched.everyMs }));
  const told = await Promise.all(asked);
  // Last, so that a node that died meanwhile is not judged by what it said before.
  const known = await nodes(account);
  const target = known.find(({ id, state }) => id === canary.id && state === "running")?.target;
  return { canary: told[0], others: told.slice(1), target, elapsedMs };
}

const ANSWER_MS = 60_000;

async function trafficOf(
  account: AwsAccount,
  instanceId: string,
  { seconds, everyMs }: { seconds: number; everyMs: number },
): Promise<NodeTraffic | undefined> {
  try {
    const asked = {
      instanceId,
      commands: trafficCommands(seconds),
      everyMs: Math.min(everyMs, 1_000),
      withinMs: ANSWER_MS,
    };
    const { stdout } = await runCommand(account, asked);
    return parsed(stdout, isTraffic) as NodeTraffic | undefined;
  } catch {
    // Gone, or Run Command is: the decision counts how often.
    return undefined;
  }
}

/** Waits, and gives whether nobody ended it meanwhile. */
export function paused(ms: number, signal: AbortSignal): Promise<boolean> {
  return sleep(ms, true, { signal }).catch(() => false);
}

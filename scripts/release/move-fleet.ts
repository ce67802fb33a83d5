import { type AgentError, ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { progress } from "../progress.ts";
import { idOf, readChannel, writeChannel } from "./channel.ts";
import { type Channel, fleetMove } from "./decisions.ts";
import { deployInPlace } from "./in-place.ts";
import { refreshGroup } from "./refresh.ts";
import type { Publisher } from "./registry/publisher.ts";

export interface Move {
  readonly environment: string;
  /** What the environment's parameters must say before its nodes are moved; undefined leaves them. */
  readonly channel?: Channel;
  readonly inPlace: boolean;
}

/** Milliseconds between two looks; tests look more often. */
export const EVERY_MS = Number(process.env.GREENLEAF_POLL_MS ?? 10_000);
export const NODE_WITHIN_MS = 15 * 60_000;
export const FLEET_WITHIN_MS = 2 * 3_600_000;

/**
 * Moves an environment's app nodes to its release. When the first node fails, the parameters are put back: a node that
 * Auto Scaling starts later must find what works.
 */
export async function moveFleet(publisher: Publisher, move: Move): Promise<void> {
  const { environment, channel } = move;
  const before = await readChannel(publisher, environment);
  const decided = fleetMove(before, channel);
  if (decided === undefined) throw noRelease(environment);
  if (decided.write !== undefined) await writeChannel(publisher, environment, decided.write);
  try {
    await moveNodes(publisher, move, idOf(decided.document));
  } catch (error) {
    if (decided.putBack !== undefined) await putBack(publisher, environment, decided.putBack);
    throw error;
  }
}

function moveNodes({ account }: Publisher, { environment, inPlace }: Move, id: string): Promise<unknown> {
  const title = `${environment}: ${id} ${inPlace ? "in place, node by node" : "by instance refresh"}`;
  return progress.step(
    title,
    async (log): Promise<unknown> =>
      inPlace
        ? deployInPlace(account, { environment, id, everyMs: EVERY_MS, withinMs: NODE_WITHIN_MS, log })
        : refreshGroup(account, {
            group: `greenleaf-${environment}-app`,
            everyMs: EVERY_MS,
            withinMs: FLEET_WITHIN_MS,
            log,
          }),
  );
}

async function putBack(publisher: Publisher, environment: string, before: Channel): Promise<void> {
  await writeChannel(publisher, environment, before);
  process.stderr.write(`release of ${environment} is ${idOf(before.current)} again: new nodes run that\n`);
}

export function noRelease(environment: string): AgentError {
  return new ConfigurationError(`deploy: ${environment} has no release`, {
    code: "deploy.no-release",
    why: `parameter /greenleaf/${environment}/release does not exist`,
    fix: `./greenleaf release --env ${environment}`,
  });
}

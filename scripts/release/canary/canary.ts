import {
  type AgentError,
  ConfigurationError,
  describeError,
  TemporaryError,
  UnhealthyError,
} from "../../../node-agent/src/base/errors.ts";
import type { FleetNode } from "../../fleet/nodes.ts";
import { idOf } from "../channel.ts";
import { type Channel, isInBalance } from "../decisions.ts";
import { appNodes, bootNode, healthy } from "../in-place.ts";
import type { Publisher } from "../registry/publisher.ts";
import { lookAt, paused } from "./ask-nodes.ts";
import { type CanaryDecision, decideCanary } from "./decision.ts";
import { type CanaryRecord, recordCanary } from "./record.ts";

export interface Canary {
  readonly environment: string;
  /** What the environment runs, and what it is to run. */
  readonly before: Channel;
  readonly wanted: Channel;
  readonly forMs: number;
  readonly requests: number;
  readonly everyMs: number;
  /** For one boot, and then the balancer's word. */
  readonly withinMs: number;
  /** The operator's Ctrl-C. */
  readonly stop: AbortSignal;
  readonly log: (text: string) => void;
}

/** Where the canary finds its release. No other node is told of it; the next boot of this one takes the environment's. */
const parameterOf = (environment: string): string => `/greenleaf/${environment}/canary`;

/**
 * Gives a release to one node and compares it with the others. Returns when it may go on to the rest; throws when it was
 * put back. The environment's own release is not touched: a node that starts meanwhile runs what worked.
 */
export async function tryCanary(publisher: Publisher, canary: Canary): Promise<void> {
  const { environment, wanted, log } = canary;
  const [node, ...others] = await candidates(publisher, environment);
  if (node === undefined || others.length === 0) throw tooFewNodes(environment);
  log(`${node.id} in ${node.zone}, beside ${others.map(({ id }) => id).join(", ")}`);
  await publisher.setParameter(parameterOf(environment), wanted.current ?? "");
  try {
    const decision = await triedOn(publisher, canary, { node, others });
    await close(publisher, canary, { node, decision });
  } finally {
    await publisher.removeParameter(parameterOf(environment));
  }
}

async function candidates({ account }: Publisher, environment: string): Promise<readonly FleetNode[]> {
  return (await appNodes(account, environment)).filter(({ target }) => isInBalance(target));
}

interface Seats {
  readonly node: FleetNode;
  readonly others: readonly FleetNode[];
}

/** A failed boot is a decision too. */
async function triedOn(publisher: Publisher, canary: Canary, { node, others }: Seats): Promise<CanaryDecision> {
  const { account } = publisher;
  const wanted = { ...canary, id: idOf(canary.wanted.current), from: `ssm:${parameterOf(canary.environment)}` };
  try {
    await bootNode(account, node, wanted);
    await healthy(account, node, wanted);
  } catch (error) {
    const why = describeError(error).split("\n").slice(0, 2).join("; ");
    return { is: "back", why };
  }
  return watch(publisher, canary, { node, others });
}

async function watch({ account }: Publisher, canary: Canary, { node, others }: Seats): Promise<CanaryDecision> {
  const { forMs, requests, everyMs, stop, log } = canary;
  const limits = { release: idOf(canary.wanted.current), forMs, requests };
  const began = performance.now();
  let silent = 0;
  while (await paused(everyMs, stop)) {
    const seen = await lookAt(account, { canary: node, others, everyMs }, performance.now() - began);
    silent = seen.canary === undefined ? silent + 1 : 0;
    const decision = decideCanary({ ...seen, silent }, limits);
    if (decision.is !== "watch") return decision;
    log(decision.told);
  }
  return { is: "back", why: STOPPED };
}

const STOPPED = "the operator ended it";

interface Ended {
  readonly node: FleetNode;
  readonly decision: CanaryDecision;
}

async function close(publisher: Publisher, canary: Canary, { node, decision }: Ended): Promise<void> {
  const { environment, before, wanted, log } = canary;
  const why = decision.is === "watch" ? decision.told : decision.why;
  const record = (result: CanaryRecord["result"], reason = why) =>
    recordCanary(publisher, environment, {
      node: node.id,
      from: idOf(before.current),
      to: idOf(wanted.current),
      result,
      why: reason,
    });
  log(`${decision.is}: ${why}`);
  if (decision.is === "on") return record("on");
  try {
    await putBack(publisher, canary, node);
  } catch (error) {
    const reason = describeError(error).split("\n").slice(0, 2).join("; ");
    await record("stays", `${why}; back: ${reason}`);
    throw stays(node, { why, reason });
  }
  await record("back");
  throw wentBack(canary, { node, decision });
}

/** The environment's release is the one before, so a plain boot is the way back. A node that is gone needs none. */
async function putBack({ account }: Publisher, canary: Canary, { id }: FleetNode): Promise<void> {
  const node = (await appNodes(account, canary.environment)).find((one) => one.id === id);
  if (node === undefined) return canary.log(`${id} is gone: its successor boots ${idOf(canary.before.current)}`);
  canary.log(`${id} back to ${idOf(canary.before.current)}`);
  await bootNode(account, node, { ...canary, id: idOf(canary.before.current) });
}

function wentBack({ environment, wanted, before }: Canary, { node, decision }: Ended): AgentError {
  const why = decision.is === "watch" ? decision.told : decision.why;
  const what = `deploy: ${idOf(wanted.current)} went no further than ${node.id}, which runs ${idOf(before.current)} again`;
  if (why === STOPPED)
    return new TemporaryError(what, { code: "deploy.canary-stopped", why, fix: "run the same command again" });
  if (decision.is === "back" && decision.isQuiet === true) {
    const fix =
      "give it longer (--watch-seconds), be content with fewer (--watch-requests), or deploy without --canary";
    return new TemporaryError(what, { code: "deploy.canary-quiet", why, fix });
  }
  return new UnhealthyError(what, {
    code: "deploy.canary-back",
    why,
    fix: `look at the shop's own log of that time; ./greenleaf history ${environment} keeps this`,
  });
}

function stays({ id }: FleetNode, { why, reason }: { why: string; reason: string }): UnhealthyError {
  return new UnhealthyError(`deploy: the canary ${id} could not be put back`, {
    code: "deploy.canary-stays",
    why: `${why}; then: ${reason}`,
    fix: `end that instance, its successor runs the release before; or ./greenleaf connect ${id}, then greenleaf-agent boot`,
  });
}

function tooFewNodes(environment: string): ConfigurationError {
  return new ConfigurationError(`deploy: ${environment} has no two nodes behind the balancer`, {
    code: "deploy.canary-nodes",
    why: "a canary is judged by its neighbours",
    fix: "raise the group's desired size for a while, or deploy without --canary",
  });
}

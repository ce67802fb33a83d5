import { systemClock } from "../../node-agent/src/base/clock.ts";
import { UnhealthyError } from "../../node-agent/src/base/errors.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";
import type { AwsAccount } from "../fleet/aws.ts";
import { type FleetNode, nodes } from "../fleet/nodes.ts";
import { bootProblem, isInBalance } from "./decisions.ts";
import { runCommand } from "./run-command.ts";

export const AGENT = "/opt/greenleaf/current/node /opt/greenleaf/current/main.js";
/** A boot with the new release, then what became of it; the log of the boot goes where the unit's goes too. */
const commandsOf = (from: string | undefined): readonly string[] => [
  `${AGENT} boot${from === undefined ? "" : ` --release ${from}`} >/dev/null`,
  "code=$?",
  `${AGENT} status --json`,
  "exit $code",
];

/** What one node must run, and how long that may take. */
export interface NodeBoot {
  /** The release it must run afterwards. */
  readonly id: string;
  /** Where it finds that release this once; otherwise the environment's is taken. */
  readonly from?: string;
  readonly everyMs: number;
  /** For its boot, and again for the balancer's word. */
  readonly withinMs: number;
}

export interface InPlace extends Omit<NodeBoot, "from"> {
  readonly environment: string;
  readonly log: (text: string) => void;
}

/** Boots one node after the other with the environment's release; the first that is not well ends it. */
export async function deployInPlace(account: AwsAccount, wanted: InPlace): Promise<number> {
  const found = await appNodes(account, wanted.environment);
  if (found.length === 0) throw noNodes(wanted.environment);
  for (const node of found) {
    wanted.log(`${node.id} in ${node.zone}`);
    await bootNode(account, node, wanted);
    await healthy(account, node, wanted);
  }
  return found.length;
}

export async function appNodes(account: AwsAccount, environment: string): Promise<readonly FleetNode[]> {
  const all = await nodes(account);
  return all.filter((node) => node.environment === environment && node.role === "app" && node.state === "running");
}

export async function bootNode(
  account: AwsAccount,
  { id }: FleetNode,
  { everyMs, withinMs, from, ...wanted }: NodeBoot,
): Promise<void> {
  const answer = await runCommand(account, { instanceId: id, commands: commandsOf(from), everyMs, withinMs });
  const why = bootProblem(answer, wanted.id);
  if (why !== undefined) throw stopped(id, { why, code: answer.code });
}

/** The balancer's own checks come after the node's. */
export async function healthy(account: AwsAccount, { id }: FleetNode, { everyMs, withinMs }: NodeBoot): Promise<void> {
  const fix = "./greenleaf fleet status";
  const wait = { what: `${id} to be healthy behind the balancer`, withinMs, everyMs, fix };
  await until(systemClock, wait, async () => {
    const target = (await nodes(account)).find((node) => node.id === id)?.target ?? "gone";
    return isInBalance(target) ? done(undefined) : pending(`the balancer says ${target}`);
  });
}

function stopped(id: string, { why, code }: { why: string; code: number }): UnhealthyError {
  return new UnhealthyError(`deploy: ${id} does not run the release (code ${code}); the other nodes were left alone`, {
    code: "deploy.node-failed",
    why,
    fix: `look at it: ./greenleaf connect ${id}, then greenleaf-agent status; or: ./greenleaf rollback ENV`,
  });
}

function noNodes(environment: string): UnhealthyError {
  return new UnhealthyError(`deploy: ${environment} has no running app node`, {
    code: "deploy.no-nodes",
    why: "no instance carries its tags",
    fix: "terraform apply makes them; each boots the environment's release by itself",
  });
}

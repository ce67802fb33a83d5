import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT } from "../node-agent/src/base/errors.ts";
import { isSet } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS, unknownEnvironment } from "./fleet/plans.ts";
import { runAgent } from "./local/agent/agent.ts";
import { worldOf } from "./local/options.ts";
import { type CanaryEntry, canaryHistory } from "./release/canary/record.ts";
import { type ChannelChange, channelHistory } from "./release/channel.ts";
import { openPublisher } from "./release/registry/publisher.ts";

/** `./greenleaf history [ENV]`: what changed the local node, or which releases an environment was moved to, and by whom. */
export async function history(line: ParsedCommandLine): Promise<number> {
  const [first] = line.positionals;
  const json = isSet(line, "json");
  if (first === undefined) return runAgent(worldOf(line), ["history", ...(json ? ["--json"] : [])]);
  const environment = ENVIRONMENTS.find((one) => one === first);
  if (environment === undefined) {
    throw unknownEnvironment("history", first, {
      fix: "./greenleaf history prod, or without a name for the local node",
    });
  }
  const publisher = await openPublisher(await accountFromEnvironment());
  const [moves, canaries] = await Promise.all([
    channelHistory(publisher, environment),
    canaryHistory(publisher, environment),
  ]);
  const changes = inOrder(moves, canaries);
  process.stdout.write(`${json ? JSON.stringify(changes) : changesText(changes)}\n`);
  return EXIT.ready;
}

type EnvironmentChange = ChannelChange | CanaryEntry;

/** Oldest first. */
export const inOrder = (moves: readonly ChannelChange[], canaries: readonly CanaryEntry[]): EnvironmentChange[] =>
  [...moves, ...canaries].toSorted((a, b) => Date.parse(a.at) - Date.parse(b.at));

/** For people, the newest first. */
export function changesText(changes: readonly EnvironmentChange[]): string {
  if (changes.length === 0) return "no release was ever deployed here";
  return changes
    .toReversed()
    .map((change) => {
      const { at, by, from, to } = change;
      const told = "node" in change ? `  canary ${change.node}: ${change.result}, ${change.why}` : "";
      return `${at.slice(0, 19).replace("T", " ")}  ${from ?? "nothing"} -> ${to}  ${by}${told}`;
    })
    .join("\n");
}

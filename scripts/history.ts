import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT } from "../node-agent/src/base/errors.ts";
import { isSet } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS, unknownEnvironment } from "./fleet/plans.ts";
import { runAgent } from "./local/agent/agent.ts";
import { worldOf } from "./local/options.ts";
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
  const changes = await channelHistory(await openPublisher(await accountFromEnvironment()), environment);
  process.stdout.write(`${json ? JSON.stringify(changes) : changesText(changes)}\n`);
  return EXIT.ready;
}

/** For people, the newest first. */
export function changesText(changes: readonly ChannelChange[]): string {
  if (changes.length === 0) return "no release was ever deployed here";
  return changes
    .toReversed()
    .map(({ at, by, from, to }) => `${at.slice(0, 19).replace("T", " ")}  ${from ?? "nothing"} -> ${to}  ${by}`)
    .join("\n");
}

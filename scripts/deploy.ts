import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UsageError } from "../node-agent/src/base/errors.ts";
import { isSet, textOf } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { worldOf } from "./local/options.ts";
import { canaryFirst, canaryOptions } from "./release/canary/command.ts";
import { documentOf, pointed, readChannel } from "./release/channel.ts";
import type { Channel } from "./release/decisions.ts";
import { withEnvironmentLock } from "./release/environment-lock.ts";
import { signingKeys } from "./release/issue.ts";
import { deployLocally } from "./release/local.ts";
import { moveFleet } from "./release/move-fleet.ts";
import { openPublisher, type Publisher } from "./release/registry/publisher.ts";

/** `./greenleaf deploy [ENV] [RELEASE] [--in-place] [--canary]`: without ENV the local node. */
export async function deploy(line: ParsedCommandLine): Promise<number> {
  const { positionals } = line;
  const inPlace = isSet(line, "in-place");
  const broken = textOf(line, "break-lock");
  const canary = canaryOptions(line);
  const [first, second] = positionals;
  const environment = ENVIRONMENTS.find((one) => one === first);
  if (environment === undefined && (second !== undefined || inPlace || broken !== undefined || canary !== undefined))
    throw invalidArguments(positionals);
  if (canary !== undefined && second === undefined) throw invalidArguments(positionals);
  if (environment === undefined) return deployLocally(worldOf(line), first);
  const publisher = await openPublisher(await accountFromEnvironment());
  const command = ["deploy", ...positionals].join(" ");
  await withEnvironmentLock(publisher, { environment, command, broken }, async () => {
    const channel = second === undefined ? undefined : await channelFor(publisher, environment, second);
    if (canary !== undefined && channel !== undefined)
      await canaryFirst(publisher, { environment, channel, ...canary });
    await moveFleet(publisher, { environment, inPlace, ...(channel === undefined ? {} : { channel }) });
  });
  process.stderr.write(`next: ./greenleaf fleet status; back: ./greenleaf rollback ${environment}\n`);
  return EXIT.ready;
}

async function channelFor(publisher: Publisher, environment: string, id: string): Promise<Channel> {
  const [document, channel, keys] = await Promise.all([
    documentOf(publisher, id),
    readChannel(publisher, environment),
    signingKeys(publisher),
  ]);
  return pointed(environment, channel, { document, keys });
}

function invalidArguments(positionals: readonly string[]): UsageError {
  return new UsageError(`deploy: "${positionals.join(" ")}" is not ENV RELEASE`, {
    code: "usage.deploy",
    why: `environments are ${ENVIRONMENTS.join(", ")}; only they are deployed to by id or in place, and a canary needs an id`,
    fix: "./greenleaf deploy prod RELEASE, or without ENV for the local node",
  });
}

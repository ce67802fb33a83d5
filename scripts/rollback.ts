import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { ConfigurationError, EXIT, UsageError } from "../node-agent/src/base/errors.ts";
import { isSet, textOf } from "./cli/command.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { worldOf } from "./local/options.ts";
import { idOf, pointed, readChannel } from "./release/channel.ts";
import { rolledBack } from "./release/decisions.ts";
import { withEnvironmentLock } from "./release/environment-lock.ts";
import { signingKeys } from "./release/issue.ts";
import { rollBackLocally } from "./release/local.ts";
import { moveFleet } from "./release/move-fleet.ts";
import { openPublisher, type Publisher } from "./release/registry/publisher.ts";

/** `./greenleaf rollback [ENV] [--in-place]`: back to the release before; a second one goes forward again. */
export async function rollback(line: ParsedCommandLine): Promise<number> {
  const [first] = line.positionals;
  const inPlace = isSet(line, "in-place");
  const broken = textOf(line, "break-lock");
  if (first === undefined && !inPlace && broken === undefined) return rollBackLocally(worldOf(line));
  const environment = ENVIRONMENTS.find((one) => one === first);
  if (environment === undefined) throw invalidArguments(line.positionals);
  const publisher = await openPublisher(await accountFromEnvironment());
  const asked = { environment, command: `rollback ${environment}`, broken };
  await withEnvironmentLock(publisher, asked, () => moveBack(publisher, environment, inPlace));
  return EXIT.ready;
}

async function moveBack(publisher: Publisher, environment: string, inPlace: boolean): Promise<void> {
  const before = await readChannel(publisher, environment);
  const document = rolledBack(before)?.current;
  if (document === undefined) throw nothingBefore(environment);
  process.stderr.write(`${environment}: from ${idOf(before.current)} back to ${idOf(document)}\n`);
  const channel = pointed(environment, before, { document, keys: await signingKeys(publisher) });
  await moveFleet(publisher, { environment, inPlace, channel });
}

function invalidArguments(positionals: readonly string[]): UsageError {
  return new UsageError(`rollback: "${positionals.join(" ")}" is not one environment`, {
    code: "usage.rollback",
    why: `environments are ${ENVIRONMENTS.join(", ")}`,
    fix: "./greenleaf rollback prod",
  });
}

function nothingBefore(environment: string): ConfigurationError {
  return new ConfigurationError(`rollback: ${environment} ran nothing before`, {
    code: "deploy.nothing-before",
    why: `parameter /greenleaf/${environment}/previous does not exist`,
    fix: "./greenleaf deploy takes any published release by its id",
  });
}

import { ConfigurationError, EXIT, UsageError } from "../node-agent/src/errors.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { optionsOf } from "./local/options.ts";
import { idOf, readChannel } from "./release/channel.ts";
import { rollBackLocally } from "./release/local.ts";
import { moveFleet } from "./release/move-fleet.ts";
import { openPublisher } from "./release/publisher.ts";

/** `./greenleaf rollback [ENV] [--in-place]`: back to the release before; a second one goes forward again. */
export async function main(argv: readonly string[]): Promise<number> {
  const { world, values, positionals } = optionsOf("rollback", argv, { "in-place": { type: "boolean" } });
  const [first] = positionals;
  if (first === undefined) return rollBackLocally(world);
  const environment = ENVIRONMENTS.find((one) => one === first);
  if (environment === undefined || positionals.length > 1) throw notSo(positionals);
  const publisher = await openPublisher(accountFromEnvironment());
  const { current, previous } = await readChannel(publisher, environment);
  if (previous === undefined) throw nothingBefore(environment);
  process.stderr.write(`${environment}: from ${idOf(current)} back to ${idOf(previous)}\n`);
  const inPlace = values["in-place"] === true;
  await moveFleet(publisher, { environment, inPlace, channel: { current: previous, previous: current } });
  return EXIT.ready;
}

function notSo(positionals: readonly string[]): UsageError {
  return new UsageError(`rollback: "${positionals.join(" ")}" is not one environment`, {
    why: `environments are ${ENVIRONMENTS.join(", ")}`,
    fix: "./greenleaf rollback prod",
  });
}

function nothingBefore(environment: string): ConfigurationError {
  return new ConfigurationError(`rollback: ${environment} ran nothing before`, {
    why: `parameter /greenleaf/${environment}/previous does not exist`,
    fix: "./greenleaf deploy takes any published release by its id",
  });
}

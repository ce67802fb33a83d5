import { EXIT, UsageError } from "../node-agent/src/errors.ts";
import { accountFromEnvironment } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { optionsOf } from "./local/options.ts";
import { type Channel, documentOf, readChannel } from "./release/channel.ts";
import { deployLocally } from "./release/local.ts";
import { moveFleet } from "./release/move-fleet.ts";
import { openPublisher, type Publisher } from "./release/publisher.ts";

/** `./greenleaf deploy [ENV] [RELEASE] [--in-place]`: without ENV the local node. */
export async function main(argv: readonly string[]): Promise<number> {
  const { world, values, positionals } = optionsOf("deploy", argv, { "in-place": { type: "boolean" } });
  const inPlace = values["in-place"] === true;
  const [first, second, ...rest] = positionals;
  const environment = ENVIRONMENTS.find((one) => one === first);
  if (rest.length > 0 || (environment === undefined && (second !== undefined || inPlace))) throw notSo(positionals);
  if (environment === undefined) return deployLocally(world, first);
  const publisher = await openPublisher(accountFromEnvironment());
  const channel = second === undefined ? undefined : await channelFor(publisher, environment, second);
  await moveFleet(publisher, { environment, inPlace, ...(channel === undefined ? {} : { channel }) });
  process.stderr.write(`next: ./greenleaf fleet status; back: ./greenleaf rollback ${environment}\n`);
  return EXIT.ready;
}

async function channelFor(publisher: Publisher, environment: string, id: string): Promise<Channel> {
  const [document, { current, previous }] = await Promise.all([
    documentOf(publisher, id),
    readChannel(publisher, environment),
  ]);
  return { current: document, previous: document === current ? previous : current };
}

function notSo(positionals: readonly string[]): UsageError {
  return new UsageError(`deploy: "${positionals.join(" ")}" is not ENV RELEASE`, {
    why: `environments are ${ENVIRONMENTS.join(", ")}; only they are deployed to by id or in place`,
    fix: "./greenleaf deploy prod RELEASE, or without ENV for the local node",
  });
}

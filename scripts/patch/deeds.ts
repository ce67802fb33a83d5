import { bake } from "../ami/bake.ts";
import { publishImage } from "../ami/publish.ts";
import type { AwsAccount } from "../fleet/aws.ts";
import { nodes } from "../fleet/nodes.ts";
import { progress } from "../progress.ts";
import { documentOf, pointed, readChannel } from "../release/channel.ts";
import { withEnvironmentLock } from "../release/environment-lock.ts";
import { signingKeys } from "../release/issue.ts";
import { EVERY_MS, FLEET_WITHIN_MS, moveFleet } from "../release/move-fleet.ts";
import { publishCheckout } from "../release/publish-checkout.ts";
import { refreshGroup, settleGroup } from "../release/refresh.ts";
import type { Publisher } from "../release/registry/publisher.ts";
import type { PatchDeeds } from "./execute.ts";
import type { Refresh } from "./plan.ts";

interface Patching {
  readonly environment: string;
  /** The `since` of a lock whose operator is gone. */
  readonly broken: string | undefined;
  /** The folder of an application that is the storefront instead of ours. */
  readonly storefront: string | undefined;
}

/** A patch done by what ami, release and deploy do. */
export function patchDeeds(publisher: Publisher, { environment, broken, storefront }: Patching): PatchDeeds {
  const { account } = publisher;
  return {
    publish: async () => (await publishCheckout(publisher, { fresh: true, storefront })).id,
    bake: async (role, system, release) =>
      bake(publisher, { role, system, document: role === "app" ? await documentOf(publisher, release) : undefined }),
    setImage: (role, image) => publishImage(publisher, { role, image, environments: [environment] }),
    moveApp: (release) => moveApp(publisher, environment, release),
    replace: (step) => replaceNodes(account, step),
    nodes: () => nodes(account),
    alone: (move) => withEnvironmentLock(publisher, { environment, command: `patch ${environment}`, broken }, move),
    say: (text) => void process.stderr.write(`${text}\n`),
  };
}

async function replaceNodes(account: AwsAccount, { group, role }: Refresh): Promise<void> {
  // A router's fixed interface is on one instance at a time.
  const start = role === "router" ? "instead" : "before";
  await progress.step(`${group}, by instance refresh`, async (log) => {
    const waiting = { group, everyMs: EVERY_MS, withinMs: FLEET_WITHIN_MS, log };
    await settleGroup(account, waiting);
    await refreshGroup(account, { ...waiting, start });
  });
}

async function moveApp(publisher: Publisher, environment: string, release: string): Promise<void> {
  const [document, channel, keys] = await Promise.all([
    documentOf(publisher, release),
    readChannel(publisher, environment),
    signingKeys(publisher),
  ]);
  const wanted = pointed(environment, channel, { document, keys });
  await moveFleet(publisher, { environment, inPlace: false, channel: wanted });
}

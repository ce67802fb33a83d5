import { WATCHED_VALUES_PATH } from "../../base/paths.ts";
import type { Wanted } from "../../core/config/templates/wanted-values.ts";
import { versionsOf, type WatchedValues } from "../../core/node/watched-values.ts";
import type { Boot } from "../phase.ts";
import type { Identified } from "../stages.ts";

/** The versions of what was just fetched, as the daemon is told them. */
export function seenVersions({ aws, node }: Identified, { parameters, secrets }: Wanted): string {
  const watched: WatchedValues = {
    version: 1,
    region: node.region,
    parameters: versionsOf(parameters, aws.versionOf),
    secrets: versionsOf(secrets, aws.versionOf),
  };
  return JSON.stringify(watched);
}

/** Tells the daemon which versions the node works with, or refused: neither is news to it. */
export async function recordVersions({ world, seen }: Boot): Promise<void> {
  if (seen !== undefined) await world.files.write(WATCHED_VALUES_PATH, `${seen}\n`);
}

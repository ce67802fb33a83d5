import { WATCHED_VALUES_PATH } from "../../base/paths.ts";
import type { Wanted } from "../../core/config/templates/wanted-values.ts";
import { versionsOf, type WatchedValues } from "../../core/node/watched-values.ts";
import type { Boot } from "../phase.ts";
import type { Identified } from "../stages.ts";

type Known = Boot & Identified;

/** Tells the daemon which versions were fetched, whatever becomes of them, and gives their digest. */
export async function recordVersions(boot: Known, { parameters, secrets }: Wanted): Promise<string> {
  const { world, aws, node } = boot;
  const watched: WatchedValues = {
    version: 1,
    region: node.region,
    parameters: versionsOf(parameters, aws.versionOf),
    secrets: versionsOf(secrets, aws.versionOf),
  };
  const text = JSON.stringify(watched);
  if (boot.mode === "apply") await world.files.write(WATCHED_VALUES_PATH, `${text}\n`);
  return world.digest(text);
}

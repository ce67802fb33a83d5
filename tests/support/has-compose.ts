import { existsSync } from "node:fs";
import { PLUGIN_FOLDERS } from "../../node-agent/src/core/stack/compose/plugin/plugin-folders.ts";

/** Whether the Compose plugin is on this machine: `apt-get install docker-compose` (Debian 13), or `./greenleaf up`. */
export const hasCompose = PLUGIN_FOLDERS.some((folder) => existsSync(`${folder}/docker-compose`));

/** For the name of a test that is skipped without it. */
export const noCompose = hasCompose ? "" : " (skipped: docker compose is missing; ./greenleaf up installs it)";

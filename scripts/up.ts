import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { bringUp, type Shop } from "./local/bring-up.ts";
import { forWorld } from "./local/for-world.ts";
import { mustBeRoot } from "./local/must-be-root.ts";
import { ownOf, worldOf } from "./local/options.ts";
import { type LocalWorld, localFolder, optionsFor } from "./local/world.ts";

/** `./greenleaf up`: from a bare machine to a shop one can buy a plant in. Run again, it only fixes what differs. */
export async function up(line: ParsedCommandLine): Promise<number> {
  const world = worldOf(line);
  const own = ownOf(line);
  mustBeRoot(world, { command: "up", why: "it installs packages and talks to the container engine" });
  const shop = await forWorld(world, () => bringUp(world, own));
  process.stdout.write(welcome(world, shop, process.stdout.isTTY));
  return 0;
}

/** Logs are read by others and kept: the password is shown to a terminal only. */
const passwordOf = (world: LocalWorld, { admin }: Shop, isTerminal: boolean): string =>
  isTerminal ? admin.password : `(its password: admin.password in ${localFolder(world, "credentials.json")})`;

/** What to do next, each command as it has to be typed for this very world. */
export function welcome(world: LocalWorld, shop: Shop, isTerminal: boolean): string {
  const { url, admin, page, mailbox } = shop;
  const options = optionsFor(world);
  const next: ReadonlyArray<readonly [string, string]> = [
    [`./greenleaf status${options}`, "the verdict on this node"],
    [`./greenleaf logs backend${options}`, "what a service prints"],
    [`docker compose -p ${world.project} ps`, "its containers"],
    [`sudo ./greenleaf down${options}`, "stop it; with --purge remove everything"],
  ];
  const width = Math.max(...next.map(([command]) => command.length));
  return [
    "",
    `  The shop        ${url}`,
    `  Its admin       ${url}/app   ${admin.email}   ${passwordOf(world, shop, isTerminal)}`,
    `  Its mailbox     ${mailbox}   every mail it sends`,
    `  This node       ${page}`,
    "",
    "  Try next: buy a plant, or upload a picture in the admin;",
    ...next.map(([command, what]) => `            ${command.padEnd(width)}  ${what}`),
    "",
  ].join("\n");
}

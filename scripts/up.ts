import { PermissionError } from "../node-agent/src/errors.ts";
import { bringUp, type Shop } from "./local/bring-up.ts";
import { optionsOf } from "./local/options.ts";

/** `./greenleaf up`: from a bare machine to a shop one can buy a plant in. Run again, it only mends what differs. */
export async function main(argv: readonly string[]): Promise<number> {
  const { world } = optionsOf("up", argv);
  if (process.getuid?.() !== 0) {
    throw new PermissionError("greenleaf up needs root", {
      why: "it installs packages and talks to the container engine",
      fix: "run: sudo ./greenleaf up",
    });
  }
  const shop = await bringUp(world);
  process.stdout.write(welcome(shop));
  return 0;
}

function welcome({ url, admin, page, again }: Shop): string {
  return [
    "",
    `  The shop        ${url}`,
    `  Its admin       ${url}/app   ${admin.email}   ${admin.password}`,
    `  This node       ${page}`,
    "",
    "  Try next: buy a plant, or upload a picture in the admin;",
    "            ./greenleaf status        the verdict on this node",
    "            ./greenleaf logs backend  what a service prints",
    `            docker compose -p ${again} ps`,
    "            sudo ./greenleaf down     stop it; down --purge removes everything",
    "",
  ].join("\n");
}

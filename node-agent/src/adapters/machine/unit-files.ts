import { readdir, readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";

/** Beside the bundle on a node, three folders up in the source. */
const FOLDERS = ["./systemd/", "../../../systemd/"].map((path) => fileURLToPath(new URL(path, import.meta.url)));

/** The systemd units that come with the agent, by file name. */
export async function unitFiles(): Promise<ReadonlyMap<string, string>> {
  for (const folder of FOLDERS) {
    const names = await readdir(folder).catch(() => undefined);
    if (names === undefined) continue;
    const units = names.filter((name) => name.endsWith(".service")).sort();
    return new Map(
      await Promise.all(units.map(async (name) => [name, await readFile(folder + name, "utf8")] as const)),
    );
  }
  throw new Error(`the agent's units are in none of ${FOLDERS.join(", ")}`);
}

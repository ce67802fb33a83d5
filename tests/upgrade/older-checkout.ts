import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const REPOSITORY = join(import.meta.dirname, "..", "..");

/** The last commit of the release before worlds had marks and an AWS with keys. */
const OLDER = "7c3c54d";

const git = ["-c", "safe.directory=*"];

/** Whether this checkout has the history the older one is taken from; a shallow clone has not. */
export const hasOlder =
  spawnSync("git", [...git, "cat-file", "-e", `${OLDER}^{commit}`], { cwd: REPOSITORY }).status === 0;

/**
 * The older checkout in a folder of its own, that builds its own images: the only change is their name, for an engine
 * has one `greenleaf/backend:local`. Its launcher installs the dependencies of its own lock file.
 */
export function olderCheckout(): string {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-older-"));
  const archive = `git ${git.join(" ")} archive ${OLDER} | tar -x -C "$1"`;
  execFileSync("sh", ["-c", archive, "sh", folder], { cwd: REPOSITORY });
  const named = execFileSync("grep", ["-rlE", "greenleaf.+:local", "images", "scripts"], {
    cwd: folder,
    encoding: "utf8",
  });
  for (const name of named.trim().split("\n")) {
    const path = join(folder, name);
    const text = readFileSync(path, "utf8").replaceAll(/greenleaf(\\?\/[^ /]+:local)/g, `greenleaf-${OLDER}$1`);
    writeFileSync(path, text);
  }
  return folder;
}

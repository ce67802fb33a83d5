import { existsSync } from "node:fs";
import { run } from "./lab/namespaces.ts";

/** Programs by name, and the Debian package that brings each. */
export type Programs = Readonly<Record<string, string>>;

const FOLDERS = ["/usr/sbin", "/usr/bin", "/sbin", "/bin", "/usr/local/sbin", "/usr/local/bin"];

export const hasProgram = (program: string): boolean => FOLDERS.some((folder) => existsSync(`${folder}/${program}`));

let lastInstallation: Promise<void> = Promise.resolve();

/** Installs what is missing where that is possible; what still is missing its users name and skip. */
export function installPrograms(programs: Programs): Promise<void> {
  // apt refuses to work twice at the same time.
  lastInstallation = lastInstallation.catch(() => undefined).then(() => installMissing(programs));
  return lastInstallation;
}

async function installMissing(programs: Programs): Promise<void> {
  const missing = Object.entries(programs).flatMap(([program, tool]) => (hasProgram(program) ? [] : [tool]));
  if (missing.length === 0 || process.getuid?.() !== 0 || !hasProgram("apt-get")) return;
  const install = ["apt-get", "install", "--yes", "--no-install-recommends", ...missing];
  const first = await run(install);
  if (first.code === 0) return;
  // On a fresh machine the lists of packages are not there yet.
  await run(["apt-get", "update"]);
  const { code, stderr } = await run(install);
  if (code !== 0) process.stdout.write(`not installed: ${missing.join(", ")}: ${stderr.trim().split("\n").at(-1)}\n`);
}

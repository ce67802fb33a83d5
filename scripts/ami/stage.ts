import { cp, mkdir, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";

const PACKER = join(import.meta.dirname, "..", "..", "packer");
/** The first packer that knows all of newer/. */
const NEWER_FROM = [1, 9] as const;

/** Puts packer's files into a folder, as the packer at hand understands them: newer/ only where it is known. */
export async function stagePacker(folder: string, version: string): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await cp(join(PACKER, "provision"), join(folder, "provision"), { recursive: true });
  const isNewer = knowsNewer(version);
  const settings = isNewer ? await readFile(join(PACKER, "newer/amazon-ebs.hcl"), "utf8") : "";
  for (const name of await readdir(PACKER)) {
    if (!/\.(pkr|pkrvars)\.hcl$/.test(name)) continue;
    await writeFile(join(folder, name), withSettings(await readFile(join(PACKER, name), "utf8"), settings));
  }
  if (isNewer) await cp(join(PACKER, "newer/versions.pkr.hcl"), join(folder, "versions.pkr.hcl"));
}

/** Whether a packer of this version knows the settings in newer/. */
export function knowsNewer(version: string): boolean {
  const [major = 0, minor = 0] = version.split(".").map(Number);
  return major > NEWER_FROM[0] || (major === NEWER_FROM[0] && minor >= NEWER_FROM[1]);
}

/** The settings at the head of every source "amazon-ebs". */
export function withSettings(text: string, settings: string): string {
  const indented = settings.replaceAll(/^(?=.)/gm, "  ");
  return settings === "" ? text : text.replaceAll(/^source "amazon-ebs" .*\{\n/gm, (head) => `${head}${indented}\n`);
}

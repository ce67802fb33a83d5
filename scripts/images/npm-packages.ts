import { createHash } from "node:crypto";
import { mkdir, readdir, readFile, rm } from "node:fs/promises";
import { join } from "node:path";
import { $ } from "zx";
import { TemporaryError } from "../../node-agent/src/base/errors.ts";
import { putFile } from "./archive/put-file.ts";
import { BuildError } from "./build-error.ts";
import { root } from "./folders.ts";

const folder = join(root, "images", "build", "npm");

export interface Pinned {
  readonly name: string;
  readonly version: string;
  /** Hexadecimal. */
  readonly sha512: string;
  readonly file: string;
}

/** Node and npm as the root lock file pins them, for one architecture of the engine. */
export async function pinnedPackages(architecture: string): Promise<{ node: Pinned; npm: Pinned }> {
  const lock = JSON.parse(await readFile(join(root, "package-lock.json"), "utf8")) as {
    packages: Record<string, { version: string; integrity: string }>;
  };
  const pinned = (name: string): Pinned => {
    const found = lock.packages[`node_modules/${name}`];
    if (!found) {
      throw new BuildError(`there is no Node.js for ${architecture}`, {
        code: "build.failed",
        why: `package-lock.json does not pin ${name}`,
        fix: "build on x86_64 or aarch64",
      });
    }
    const sha512 = Buffer.from(found.integrity.replace("sha512-", ""), "base64").toString("hex");
    return { name, version: found.version, sha512, file: `${name}-${found.version}.tgz` };
  };
  return { node: pinned(`node-linux-${architecture === "amd64" ? "x64" : architecture}`), npm: pinned("npm") };
}

/** Puts the packages beside the Dockerfile that unpacks them: downloaded by npm, compared with the lock file. */
export async function ensurePackages(packages: readonly Pinned[]): Promise<void> {
  await mkdir(folder, { recursive: true });
  const wanted = new Set(packages.flatMap(({ name, file }) => [file, `${name}.sha512`]));
  for (const name of await readdir(folder)) if (!wanted.has(name)) await rm(join(folder, name));
  for (const pinned of packages) {
    if (!(await isIntact(pinned))) await download(pinned);
    await putFile(join(folder, `${pinned.name}.sha512`), `${pinned.sha512}  ${pinned.file}\n`);
  }
}

async function isIntact({ file, sha512 }: Pinned): Promise<boolean> {
  const content = await readFile(join(folder, file)).catch(() => undefined);
  return content !== undefined && createHash("sha512").update(content).digest("hex") === sha512;
}

async function download(pinned: Pinned): Promise<void> {
  const npm = join(root, "node_modules", "npm", "bin", "npm-cli.js");
  const name = `${pinned.name}@${pinned.version}`;
  const packed = await $({
    quiet: true,
    nothrow: true,
    cwd: root,
  })`${process.execPath} ${npm} pack ${name} --pack-destination ${folder}`;
  if (packed.exitCode !== 0) {
    const why = packed.stderr.split("\n").find((line) => /npm error [^A]/.test(line)) ?? "npm pack failed";
    throw new TemporaryError(`${name} could not be downloaded`, {
      code: "build.download",
      why,
      fix: "check the network and npm's registry",
    });
  }
  if (await isIntact(pinned)) return;
  await rm(join(folder, pinned.file));
  throw new BuildError(`${name} is not the package this checkout pins`, {
    code: "build.download",
    why: "its sha512 differs from package-lock.json",
    fix: "do not use it; check the registry",
  });
}

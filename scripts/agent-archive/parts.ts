import { createReadStream, createWriteStream, existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { sha256 } from "../../node-agent/src/base/digest.ts";
import { UnavailableError } from "../../node-agent/src/base/errors.ts";
import { exec } from "../../node-agent/src/base/exec.ts";
import { type Architecture, npmArchitecture, pin } from "./catalogue.ts";

const ROOT = join(import.meta.dirname, "..", "..");
/** Packed parts are kept: packing Node takes seconds. */
const KEPT = join(ROOT, "dist", "agent-parts");
const MIRROR = process.env.GREENLEAF_DEBIAN_MIRROR ?? "http://deb.debian.org/debian";

/** A gzip file of Node, of the version and bytes the catalogue pins. */
export function nodePart(architecture: Architecture): Promise<string> {
  const { version, sha256: wanted } = pin("node", architecture);
  const name = `node-${version}-linux-${npmArchitecture(architecture)}.gz`;
  return kept(name, wanted, async (folder) => {
    const program = await nodeProgram(architecture, folder);
    await check(program, wanted);
    return program;
  });
}

/** A gzip file of the Compose plugin, out of the Debian package the catalogue pins. */
export function composePart(architecture: Architecture): Promise<string> {
  const { version, package: path, sha256: wanted } = pin("compose", architecture);
  const name = `docker-compose-${version}-linux-${npmArchitecture(architecture)}.gz`;
  return kept(name, wanted, async (folder) => {
    const deb = join(folder, "compose.deb");
    await exec(["curl", "-fsS", "--retry", "3", "-o", deb, `${MIRROR}/${path}`], { timeoutMs: 300_000 });
    await check(deb, wanted);
    await exec(["dpkg-deb", "-x", deb, join(folder, "tree")]);
    return join(folder, "tree/usr/libexec/docker/cli-plugins/docker-compose");
  });
}

// npm installs the package of this machine's architecture only, with the checksum of the lock file.
async function nodeProgram(architecture: Architecture, folder: string): Promise<string> {
  const { version, package: name } = pin("node", architecture);
  const own = join(ROOT, "node_modules", name, "bin/node");
  if (existsSync(own)) return own;
  const packed = await exec(["npm", "pack", `${name}@${version}`, "--pack-destination", folder], {
    timeoutMs: 300_000,
  });
  await exec(["tar", "-xzf", join(folder, packed.stdout.trim()), "-C", folder, "package/bin/node"]);
  return join(folder, "package/bin/node");
}

async function check(file: string, wanted: string): Promise<void> {
  const found = sha256(await readFile(file));
  if (found === wanted) return;
  throw new UnavailableError(`agent archive: ${file} is not what the catalogue pins`, {
    code: "archive.pin",
    why: `it has SHA-256 ${found}, not ${wanted}`,
    fix: "install the pinned packages with npm ci, or pin the new ones in scripts/agent-archive/catalogue.json",
  });
}

async function kept(name: string, of: string, make: (folder: string) => Promise<string>): Promise<string> {
  const path = join(KEPT, of.slice(0, 16), name);
  if (existsSync(path)) return path;
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-part-"));
  try {
    const program = await make(folder);
    await mkdir(join(KEPT, of.slice(0, 16)), { recursive: true });
    // Named by its process: two builds at once write the same bytes, each its own file.
    const temporary = `${path}.${process.pid}`;
    await pipeline(createReadStream(program), createGzip({ level: 6 }), createWriteStream(temporary));
    await rename(temporary, path);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  return path;
}

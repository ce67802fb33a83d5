import { createPrivateKey, sign } from "node:crypto";
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { gzipSync } from "node:zlib";
import { sha256 } from "../../node-agent/src/base/digest.ts";
import { AGENT_VERSION } from "../../node-agent/src/base/version.ts";
import { LIST, SIGNATURE } from "../../node-agent/src/core/install/agent-archive.ts";
import { buildAgent } from "../build-agent.ts";
import { type Architecture, CATALOGUE_TEXT } from "./catalogue.ts";
import { composePart, nodePart } from "./parts.ts";
import { type TarFile, writeTar } from "./write-tar.ts";

const README = join(import.meta.dirname, "..", "..", "node-agent", "README.md");

interface ArchiveOptions {
  /** Ed25519, PEM. */
  readonly key: string;
  /** Another version than this checkout's, for tests. */
  readonly version?: string;
  /** Brings Node and the Compose plugin of this architecture along; without, the archive is the agent alone. */
  readonly architecture?: Architecture;
}

/** Makes the folder of a signed archive: what a node fetches, and `greenleaf-agent install --from` takes. Same sources, same bytes. */
export async function buildArchive(
  folder: string,
  { key, version = AGENT_VERSION, architecture }: ArchiveOptions,
): Promise<void> {
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, `greenleaf-agent-${version}.tar.gz`), await packAgent());
  const parts = architecture ? [await nodePart(architecture), await composePart(architecture)] : [];
  for (const part of parts) await copyFile(part, join(folder, basename(part)));
  await signFolder(folder, key);
}

/** Lists the files of a folder in the form of sha256sum(1), and signs the list. */
export async function signFolder(folder: string, key: string): Promise<void> {
  const names = (await readdir(folder)).filter((name) => name !== LIST && name !== SIGNATURE).sort();
  const lines = [];
  for (const name of names) lines.push(`${sha256(await readFile(join(folder, name)))}  ${name}\n`);
  const list = Buffer.from(lines.join(""));
  await writeFile(join(folder, LIST), list);
  await writeFile(join(folder, SIGNATURE), sign(null, list, createPrivateKey(key)));
}

async function packAgent(): Promise<Uint8Array> {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-agent-"));
  try {
    await buildAgent(folder);
    const files = new Map<string, TarFile>();
    for (const entry of await readdir(folder, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const name = path.slice(folder.length + 1);
      files.set(name, { bytes: await readFile(path), executable: name === "main.js" });
    }
    files.set("README.md", { bytes: await readFile(README) });
    files.set("catalogue.json", { bytes: Buffer.from(CATALOGUE_TEXT) });
    return gzipSync(writeTar(files), { level: 9 });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

import { createHash, createPublicKey, verify } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, open, readFile, readlink, rename, rm, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { TemporaryError } from "../errors.ts";

/** What the folder of one agent is made of. */
export interface AgentContent {
  readonly files: ReadonlyMap<string, Uint8Array>;
  /** Node: a gzip file to unpack, or a program to link to. */
  readonly node: { readonly gzip: string } | { readonly link: string };
}

/** Signed archives of the agent, and the folders they are unpacked into. */
export interface AgentFolders {
  /** Bytes of a small file of an archive, whatever the node's root; undefined when there is none. */
  read(path: string): Promise<Uint8Array | undefined>;
  /** SHA-256 in hex of a file of any size; undefined when there is none. */
  digestOf(path: string): Promise<string | undefined>;
  isSignedBytes(bytes: Uint8Array, signature: Uint8Array, publicKeyPem: string): boolean;
  expand(bytes: Uint8Array): Promise<Uint8Array>;
  /** Makes the folder as a whole: after a power cut it is there complete or not at all. */
  place(nodeFolder: string, content: AgentContent): Promise<void>;
  /** Unpacks a program, as a whole. */
  placeProgram(nodePath: string, gzip: string): Promise<void>;
  /** Points a link elsewhere in one step. */
  link(nodePath: string, target: string): Promise<void>;
  linkTarget(nodePath: string): Promise<string | undefined>;
}

const MAX_AGENT_BYTES = 64 * 1024 * 1024;
const TEMPORARY = ".placing";
const PROGRAM = 0o755;
const FILE = 0o644;

export function agentFoldersBelow(root: string): AgentFolders {
  const path = (nodePath: string) => join(root, nodePath);
  return {
    read: (file) => unlessAbsent(() => readFile(file)),
    digestOf: (file) => unlessAbsent(() => digestOf(file)),
    isSignedBytes,
    expand: (bytes) => promisify(gunzip)(bytes, { maxOutputLength: MAX_AGENT_BYTES }),
    place: (nodeFolder, content) => told(nodeFolder, () => place(path(nodeFolder), content)),
    placeProgram: (nodePath, gzip) => told(nodePath, () => whole(path(nodePath), (to) => unpack(gzip, to))),
    link: (nodePath, target) => told(nodePath, () => whole(path(nodePath), (to) => symlink(target, to))),
    linkTarget: (nodePath) => unlessAbsent(() => readlink(path(nodePath))),
  };
}

/** Whether the owner of an Ed25519 key (PEM, SPKI) signed these bytes; throws when the key is none. */
function isSignedBytes(bytes: Uint8Array, signature: Uint8Array, publicKeyPem: string): boolean {
  const key = createPublicKey(publicKeyPem);
  if (key.asymmetricKeyType !== "ed25519")
    throw new TypeError(`an Ed25519 key is needed, not ${key.asymmetricKeyType}`);
  return verify(null, bytes, key, signature);
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline(createReadStream(file, { highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

function place(folder: string, { files, node }: AgentContent): Promise<void> {
  return whole(folder, async (to) => {
    await mkdir(to, { mode: PROGRAM });
    for (const [name, bytes] of files) {
      await mkdir(dirname(join(to, name)), { recursive: true, mode: PROGRAM });
      await writeFile(join(to, name), bytes);
      await settle(join(to, name), name.endsWith("main.js") ? PROGRAM : FILE);
    }
    if ("link" in node) await symlink(node.link, join(to, "node"));
    else await unpack(node.gzip, join(to, "node"));
    await settle(to, PROGRAM);
  });
}

async function unpack(gzip: string, to: string): Promise<void> {
  const file = await open(to, "wx", PROGRAM);
  await pipeline(createReadStream(gzip), createGunzip(), file.createWriteStream({ highWaterMark: 1 << 20 }));
  await settle(to, PROGRAM);
}

/** Makes something under another name, durably, and puts it into its place by a rename. */
async function whole(target: string, make: (temporary: string) => Promise<void>): Promise<void> {
  const temporary = `${target}${TEMPORARY}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(dirname(target), { recursive: true, mode: PROGRAM });
  try {
    await make(temporary);
    await rename(temporary, target);
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    throw error;
  }
  await sync(dirname(target));
}

// The process's own umask must not shut others out.
async function settle(path: string, mode: number): Promise<void> {
  await chmod(path, mode);
  await sync(path);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path, "r");
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}

async function unlessAbsent<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read();
  } catch (error) {
    if (["ENOENT", "ENOTDIR"].includes((error as NodeJS.ErrnoException).code ?? "")) return undefined;
    throw error;
  }
}

async function told(nodePath: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new TemporaryError(`install: ${nodePath} could not be written; what was installed is untouched`, {
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "free space on that file system, then install again",
      cause,
    });
  }
}

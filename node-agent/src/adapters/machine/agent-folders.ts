import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { chmod, mkdir, open, readlink, symlink } from "node:fs/promises";
import { join } from "node:path";
import { pipeline } from "node:stream/promises";
import { promisify } from "node:util";
import { createGunzip, gunzip } from "node:zlib";
import { absentAs, openUp, putWhole, sync, writeDurably } from "../../base/durable.ts";
import { TemporaryError } from "../../base/errors.ts";
import { openPlain, readWhole } from "../../base/read-whole.ts";
import { isSignedBytes, type TrustedKeys } from "./release-signature.ts";

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
  isSignedBytes(bytes: Uint8Array, signature: Uint8Array, trusted: TrustedKeys): boolean;
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
const PROGRAM = 0o755;
const FILE = 0o644;

export function agentFoldersBelow(root: string): AgentFolders {
  const path = (nodePath: string) => join(root, nodePath);
  return {
    read: (file) => absentAs(undefined, () => readWhole(file)),
    digestOf: (file) => absentAs(undefined, () => digestOf(file)),
    isSignedBytes,
    expand: (bytes) => promisify(gunzip)(bytes, { maxOutputLength: MAX_AGENT_BYTES }),
    place: (nodeFolder, content) => told(nodeFolder, () => putWhole(path(nodeFolder), (to) => fill(to, content))),
    placeProgram: (nodePath, gzip) => told(nodePath, () => putWhole(path(nodePath), (to) => unpack(gzip, to))),
    link: (nodePath, target) => told(nodePath, () => putWhole(path(nodePath), (to) => symlink(target, to))),
    linkTarget: (nodePath) => absentAs(undefined, () => readlink(path(nodePath))),
  };
}

async function digestOf(file: string): Promise<string> {
  const hash = createHash("sha256");
  await pipeline((await openPlain(file)).createReadStream({ highWaterMark: 1 << 20 }), hash);
  return hash.digest("hex");
}

async function fill(folder: string, { files, node }: AgentContent): Promise<void> {
  await mkdir(folder, { mode: PROGRAM });
  for (const [name, bytes] of files) {
    await writeDurably(join(folder, name), bytes, name.endsWith("main.js") ? PROGRAM : FILE);
  }
  if ("link" in node) await symlink(node.link, join(folder, "node"));
  else await unpack(node.gzip, join(folder, "node"));
  await openUp(folder);
}

async function unpack(gzip: string, to: string): Promise<void> {
  const file = await open(to, "wx", PROGRAM);
  await pipeline(createReadStream(gzip), createGunzip(), file.createWriteStream({ highWaterMark: 1 << 20 }));
  // The process's own umask must not shut others out.
  await chmod(to, PROGRAM);
  await sync(to);
}

async function told(nodePath: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (cause) {
    throw new TemporaryError(`install: ${nodePath} could not be written; what was installed is untouched`, {
      code: "install.write",
      why: cause instanceof Error ? cause.message : String(cause),
      fix: "free space on that file system, then install again",
      cause,
    });
  }
}

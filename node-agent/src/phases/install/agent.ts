import { ConfigurationError } from "../../base/errors.ts";
import { AGENT_COMMAND, AGENTS_FOLDER, REVOKED_KEYS_PATH } from "../../base/paths.ts";
import type { AgentFacts, AgentOperation } from "../../core/install/agent.ts";
import {
  type AgentArchive,
  CURRENT,
  LIST,
  ORIGIN,
  parseAgentList,
  SIGNATURE,
} from "../../core/install/agent-archive.ts";
import { readTar, TarProblem } from "../../core/install/tar.ts";
import type { World } from "../../world.ts";

/** What makes `greenleaf-agent` a word of the shell. */
const COMMAND_TEXT = `#!/bin/sh\nexec ${AGENTS_FOLDER}/${CURRENT}/node ${AGENTS_FOLDER}/${CURRENT}/main.js "$@"\n`;

/** An archive and the key it must be signed with, as paths of this machine. */
export interface AgentSource {
  readonly from: string;
  readonly key: string;
}

/** Verifies an archive before anything of it is used, and looks at what is installed. */
export async function observeAgent(world: World, source: AgentSource): Promise<AgentFacts> {
  const archive = await verifyArchive(world, source);
  const names = (await world.files.list(AGENTS_FOLDER)).filter((name) => /^\d+\.\d+\.\d+(-[0-9a-f]{8})?$/.test(name));
  const origins = await Promise.all(names.map((name) => world.files.read(`${AGENTS_FOLDER}/${name}/${ORIGIN}`)));
  return {
    archive,
    from: source.from,
    current: await world.agentFolders.linkTarget(`${AGENTS_FOLDER}/${CURRENT}`),
    installed: new Map(names.map((name, index) => [name, origins[index]?.trim() ?? ""])),
  };
}

/** The signature over the list, then every file against the list; all that is wrong is told at once. */
export async function verifyArchive(
  { agentFolders, machine, files }: World,
  { from, key }: AgentSource,
): Promise<AgentArchive> {
  const [list, signature, pem, revoked = ""] = await Promise.all([
    agentFolders.read(`${from}/${LIST}`),
    agentFolders.read(`${from}/${SIGNATURE}`),
    machine.read(key),
    files.read(REVOKED_KEYS_PATH),
  ]);
  if (list === undefined || signature === undefined) throw refused(from, `${LIST} or ${SIGNATURE} is not there`);
  if (pem === undefined) throw refused(from, `there is no key ${key} to check it with`);
  const made = { list, signature, keys: pem, key, from };
  if (!signed(agentFolders, { ...made, revoked })) {
    const isRevoked = revoked !== "" && signed(agentFolders, { ...made, revoked: "" });
    if (isRevoked) throw refused(from, `${SIGNATURE} was made with a key that ${REVOKED_KEYS_PATH} revokes`);
    throw refused(from, `${SIGNATURE} was not made with the key ${key}, or ${LIST} was changed`);
  }
  const archive = parseAgentList(new TextDecoder().decode(list));
  if (archive === undefined) throw refused(from, `${LIST} does not name one agent`);
  const digests = await Promise.all(archive.files.map(({ name }) => agentFolders.digestOf(`${from}/${name}`)));
  const problems = archive.files.flatMap(({ name, sha256 }, index) => {
    const found = digests[index];
    if (found === sha256 || (found === undefined && name !== archive.agent.name)) return [];
    return [found === undefined ? `${name} is not there` : `${name} has SHA-256 ${found}, not ${sha256}`];
  });
  if (problems.length > 0) throw refused(from, "its files are not those that were signed:", problems);
  return present(archive, digests);
}

interface Signed {
  readonly list: Uint8Array;
  readonly signature: Uint8Array;
  readonly keys: string;
  readonly revoked: string;
  readonly key: string;
  readonly from: string;
}

function signed(folders: World["agentFolders"], { list, signature, keys, revoked, key, from }: Signed): boolean {
  try {
    return folders.isSignedBytes(list, signature, { keys, revoked });
  } catch (cause) {
    throw refused(from, `${key} is no Ed25519 public key: ${cause instanceof Error ? cause.message : String(cause)}`);
  }
}

// A node fetches only what its role needs: Node and Compose may be missing, and are then not installed from here.
function present(archive: AgentArchive, digests: ReadonlyArray<string | undefined>): AgentArchive {
  const files = archive.files.filter((_file, index) => digests[index] !== undefined);
  const { version, agent, node, compose } = archive;
  return {
    version,
    agent,
    files,
    ...(node && files.includes(node) ? { node } : {}),
    ...(compose && files.includes(compose) ? { compose } : {}),
  };
}

/** What an installed agent takes, by its path on the machine. */
export const agentPaths = ({ files }: World): string[] => [files.path(AGENTS_FOLDER), files.path(AGENT_COMMAND)];

export async function executeAgent(world: World, operation: AgentOperation, pluginFolder: string): Promise<void> {
  const { agentFolders, files } = world;
  switch (operation.kind) {
    case "place agent":
      return placeAgent(world, operation);
    case "switch agent":
      await files.write(AGENT_COMMAND, COMMAND_TEXT, { mode: 0o755 });
      await agentFolders.link(`${AGENTS_FOLDER}/${CURRENT}`, operation.folder);
      for (const name of operation.remove) await files.remove(`${AGENTS_FOLDER}/${name}`);
      return;
    case "compose file":
      return agentFolders.placeProgram(`${pluginFolder}/docker-compose`, `${operation.from}/${operation.file.name}`);
  }
}

async function placeAgent(
  { agentFolders }: World,
  { folder, from, archive }: Extract<AgentOperation, { kind: "place agent" }>,
): Promise<void> {
  const path = `${from}/${archive.agent.name}`;
  const packed = await agentFolders.read(path);
  const files = packed && readTar(await agentFolders.expand(packed));
  if (files === undefined || files instanceof TarProblem)
    throw refused(from, `${archive.agent.name} cannot be unpacked: ${files?.message ?? "it is not there any more"}`);
  const content = new Map(files).set(ORIGIN, new TextEncoder().encode(`${archive.agent.sha256}\n`));
  const node = archive.node ? { gzip: `${from}/${archive.node.name}` } : { link: process.execPath };
  await agentFolders.place(`${AGENTS_FOLDER}/${folder}`, { files: content, node });
}

function refused(from: string, why: string, problems: readonly string[] = []): ConfigurationError {
  return new ConfigurationError(`install: the agent archive in ${from} is refused`, {
    code: "install.archive",
    why,
    problems,
    fix: "fetch it again; if that does not help, publish it again with scripts/bootstrap.sh",
  });
}

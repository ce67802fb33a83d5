export const CURRENT = "current";
/** Beside an agent: SHA-256 of the archive it came in. */
export const ORIGIN = "ORIGIN";

/** The list of an archive's files in the form of sha256sum(1), and the Ed25519 signature over its bytes. */
export const LIST = "SHA256SUMS";
export const SIGNATURE = "SHA256SUMS.sig";

export interface ArchiveFile {
  readonly name: string;
  readonly sha256: string;
}

/** What a signed list names. */
export interface AgentArchive {
  readonly version: string;
  readonly agent: ArchiveFile;
  /** Absent where the Node that runs install is to run the agent too. */
  readonly node?: ArchiveFile;
  /** The Compose plugin, for app nodes. */
  readonly compose?: ArchiveFile;
  readonly files: readonly ArchiveFile[];
}

const AGENT = /^greenleaf-agent-(\d+\.\d+\.\d+)\.tar\.gz$/;
const NODE = /^node-\d+\.\d+\.\d+-linux-[a-z0-9]+\.gz$/;
const COMPOSE = /^docker-compose-\d+\.\d+\.\d+-linux-[a-z0-9]+\.gz$/;
const LINE = /^([0-9a-f]{64}) {2}([a-z0-9][a-z0-9.-]*)$/;

/** Reads a list whose signature was checked; undefined when it does not describe an archive. */
export function parseAgentList(text: string): AgentArchive | undefined {
  const lines = text.split("\n");
  if (lines.pop() !== "") return undefined;
  const files = lines.flatMap((line) => {
    const [, sha256, name] = LINE.exec(line) ?? [];
    return sha256 === undefined || name === undefined ? [] : [{ sha256, name }];
  });
  const [agent, ...agents] = files.filter(({ name }) => AGENT.test(name));
  const [node, ...nodes] = files.filter(({ name }) => NODE.test(name));
  const [compose, ...composes] = files.filter(({ name }) => COMPOSE.test(name));
  const isWhole = files.length === lines.length && agents.length + nodes.length + composes.length === 0;
  if (!agent || !isWhole) return undefined;
  const version = AGENT.exec(agent.name)?.[1] ?? "";
  return { version, agent, files, ...(node ? { node } : {}), ...(compose ? { compose } : {}) };
}

import { AGENTS_FOLDER } from "../../base/paths.ts";
import { compareVersions } from "../../base/version.ts";
import { type AgentArchive, type ArchiveFile } from "./agent-archive.ts";

/** An archive that was verified, and what lies where it is to go. */
export interface AgentFacts {
  readonly archive: AgentArchive;
  /** Folder the archive's files are in. */
  readonly from: string;
  /** The folder that `current` names; undefined where there is none. */
  readonly current: string | undefined;
  /** By folder of an installed agent: SHA-256 of the archive it came in. */
  readonly installed: ReadonlyMap<string, string>;
}

export type AgentOperation = { name: string; why: string } & (
  | { kind: "place agent"; folder: string; from: string; archive: AgentArchive }
  | { kind: "switch agent"; folder: string; remove: readonly string[] }
  | { kind: "compose file"; from: string; file: ArchiveFile }
);

export interface AgentPlan {
  readonly place: readonly AgentOperation[];
  /** Comes last of all that install does: until then the machine has the agent it had. */
  readonly switchTo: readonly AgentOperation[];
  /** Why the archive is not taken, though it can be trusted. */
  readonly refused?: string;
}

/** An older agent is refused; another build of the same version lies beside it, under a name of its own. */
export function planAgent(facts: AgentFacts | undefined): AgentPlan {
  if (facts === undefined) return { place: [], switchTo: [] };
  const { archive, from, current, installed } = facts;
  const { version, agent } = archive;
  if (current !== undefined && compareVersions(version, current) < 0)
    return { place: [], switchTo: [], refused: `agent ${version} is older than the installed ${current}, which stays` };
  const isThis = ([name, origin]: [string, string]) => origin === agent.sha256 && compareVersions(name, version) === 0;
  const there = [...installed].find(isThis)?.[0];
  const folder = there ?? (installed.has(version) ? `${version}-${agent.sha256.slice(0, 8)}` : version);
  if (folder === current) return { place: [], switchTo: [] };
  const remove = [...installed.keys()].filter((name) => name !== folder && name !== current);
  const why = current === undefined ? "no agent is installed" : `${current} is installed`;
  return {
    place:
      there === undefined
        ? [{ kind: "place agent", folder, from, archive, name: `place the agent in ${AGENTS_FOLDER}/${folder}`, why }]
        : [],
    switchTo: [{ kind: "switch agent", folder, remove, name: `make ${folder} the current agent`, why }],
  };
}

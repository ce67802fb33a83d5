import { readlink } from "node:fs/promises";
import { buildArchive } from "../../agent-archive/build-archive.ts";
import { ensureReleaseKey } from "../release.ts";
import { type LocalWorld, localFolder, nodeFolder } from "../world.ts";
import { followAgent } from "./agent.ts";
import { AgentFailed } from "./agent-failed.ts";
import { stopDaemon } from "./daemon.ts";

/**
 * Installs this checkout's agent into the local node, as a cloud node gets it: bundled, signed, verified. The Node that
 * runs this runs it too. A daemon of other bytes ends; `up` starts the new one.
 */
export async function installAgent(world: LocalWorld, detail: (text: string) => void): Promise<void> {
  const from = localFolder(world, "agent-archive");
  await buildArchive(from, { key: await ensureReleaseKey(world) });
  const before = await currentAgent(world);
  const args = ["install", "--only", "agent", "--from", from];
  const { code, failure } = await followAgent(world, args, detail);
  if (code !== 0 && code !== 2) throw new AgentFailed(args, code, failure);
  if (before !== (await currentAgent(world))) await stopDaemon(world);
}

const currentAgent = (world: LocalWorld): Promise<string | undefined> =>
  readlink(nodeFolder(world, "opt/greenleaf/current")).catch(() => undefined);

import { rmSync } from "node:fs";
import { AGENT_VARIABLE, buildBundle } from "./lab.ts";

/** One bundle of the agent for every suite of routers; gives what takes it away. */
export async function setup(): Promise<() => void> {
  const { folder, program } = await buildBundle();
  process.env[AGENT_VARIABLE] = program;
  return () => rmSync(folder, { recursive: true, force: true });
}

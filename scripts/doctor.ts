import { runAgent } from "./local/agent.ts";
import { worldOf } from "./local/options.ts";

export async function main(argv: readonly string[]): Promise<number> {
  const { world, rest } = worldOf(argv);
  return runAgent(world, ["doctor", ...rest]);
}

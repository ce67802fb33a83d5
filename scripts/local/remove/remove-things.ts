import { exec } from "../../../node-agent/src/base/exec.ts";
import type { Kind, Thing } from "./engine-things.ts";

/** Stops and removes containers and networks of ours; volumes only where their data shall go too. Says what stays. */
export async function removeThings(
  things: readonly Thing[],
  { volumes, detail }: { volumes: boolean; detail: (text: string) => void },
): Promise<void> {
  const ids = (kind: Kind) => things.filter((thing) => thing.kind === kind).map(({ id }) => id);
  const containers = ids("container");
  // Caddy first would be kinder to customers; `down` has none.
  if (containers.length > 0) {
    await exec(["docker", "stop", "--time", "20", ...containers], { timeoutMs: 120_000 });
    // Volumes without a name go with their container when the data goes.
    await exec(["docker", "rm", "--force", ...(volumes ? ["--volumes"] : []), ...containers]);
  }
  const rest = things.filter(({ kind }) => kind === "network" || (volumes && kind === "volume"));
  for (const { kind, id, name } of rest) {
    const { code, stderr } = await exec(["docker", kind, "rm", id], { accept: [0, 1] });
    if (code !== 0) detail(`the ${kind} ${name} stays: ${stderr.trim().split("\n").at(-1)}`);
  }
}

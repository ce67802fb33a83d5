import { setTimeout as sleep } from "node:timers/promises";
import { expect } from "vitest";
import { counts, type Lab, openLab, type Program } from "./lab.ts";

export { counts, type Lab, openLab, type Program, skipReason } from "./lab.ts";

const within = { timeout: 20_000, interval: 50 };

export const servesB = (lab: Lab, index: 0 | 1): boolean | undefined =>
  lab.status(index)?.zones.find(({ name }) => name.endsWith("b"))?.isServed;

/** Two proven routers with the other's flows copied, and 200 flows of zone b: half spoken by the client, half by the server. */
export async function openPair(name: string, env: Record<string, string> = {}) {
  const lab = await openLab(name);
  await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
  const pair = await lab.startPair({ env });
  for (const index of [0, 1] as const) {
    await expect.poll(() => lab.status(index)?.peer?.state, within).toBe("proven");
    await expect.poll(() => lab.status(index)?.zones[0]?.owner, within).toBe("this router");
  }
  const [first = "", second = ""] = lab.internet.servers;
  const talk = await lab.ready(lab.node(lab.client(1), "flows.ts", first, "100", "talk", "50"));
  const listen = await lab.ready(lab.node(lab.client(1), "flows.ts", second, "100", "listen", "50"));
  // The other router asks for the flows once a second until it has them; established ones come by themselves.
  await sleep(2_500);
  await counts(talk, "zero");
  await counts(listen, "zero");
  return { ...pair, lab, talk, listen };
}

/** Router b as a machine that lost its power: its agent and its interface go. */
export async function die({ lab, agents }: { lab: Lab; agents: readonly Program[] }): Promise<void> {
  await agents[1]?.stop();
  await lab.run(lab.router(1), "ip", "link", "set", "ens6", "down");
}

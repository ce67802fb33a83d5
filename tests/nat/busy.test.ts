import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { counts, die, type Lab, openLab, servesB, skipReason } from "./pair.ts";

const missing = skipReason();
const within = { timeout: 40_000, interval: 50 };
const FLOWS = 60_000;
/** What the unit is slowed down at; it is ended at 160. */
const MOST_MB = 96;
let lab: Lab | undefined;
afterEach(async () => lab?.remove());

/** Answered UDP flows of zone b, as its router would have them after a minute of a busy client. */
async function fill(busy: Lab): Promise<void> {
  const path = join(busy.roots[1] ?? "", "flows");
  const line = (at: number) => {
    const ports = `--sport ${1_024 + (at % 60_000)} --dport 53 --reply-port-src 53 --reply-port-dst ${1_024 + (at % 60_000)}`;
    return `-A -t 300 -u SEEN_REPLY,ASSURED -s 10.0.11.99 -d 192.0.2.1 -r 192.0.2.1 -n ${busy.zone(1).nat.address} -p udp ${ports}`;
  };
  for (let from = 0; from < FLOWS; from += 6_000) {
    writeFileSync(path, `${Array.from({ length: 6_000 }, (_, index) => line(from + index)).join("\n")}\n`);
    await busy.run(busy.router(1), "conntrack", "--load-file", path);
  }
}

/** What a process had at most, without the pages of its program, which it shares. */
function peakMb(pid: number | undefined): number {
  const status = readFileSync(`/proc/${pid}/status`, "utf8");
  const kb = (name: string) => Number(new RegExp(`${name}:\\s+(\\d+)`).exec(status)?.[1]);
  return (kb("VmHWM") - kb("RssFile")) / 1_024;
}

describe.skipIf(missing !== undefined)(`a zone with many flows${missing === undefined ? "" : `: ${missing}`}`, () => {
  test("is taken over inside the unit's memory, every flow copied, while its clients go on opening new ones", async () => {
    const busy = await openLab("busy");
    lab = busy;
    await busy.ready(busy.node(busy.internet.namespace, "servers.ts"));
    for (const index of [0, 1] as const) await busy.agent(index, "nat", "apply", "--no-probe");
    await fill(busy);
    const pair = await busy.startPair();
    for (const index of [0, 1] as const)
      await expect.poll(() => busy.status(index)?.peer?.state, within).toBe("proven");
    const talk = await busy.ready(
      busy.node(busy.client(1), "flows.ts", busy.internet.servers[0] ?? "", "100", "talk", "50"),
    );
    const burst = await busy.ready(
      busy.node(busy.client(1), "new-flows.ts", "2500", "30", ...busy.internet.servers.slice(1, 3)),
    );
    await new Promise((resolve) => setTimeout(resolve, 6_000));
    await die({ lab: busy, agents: pair.agents });
    await expect.poll(() => busy.status(0)?.failover?.ms, within).toBeGreaterThan(0);
    expect(servesB(busy, 0)).toBe(true);
    const { stderr } = await busy.run(busy.router(0), "conntrack", "-C");
    expect(stderr).toBe("");
    const listed = await busy.run(busy.router(0), "sh", "-c", "conntrack -L -s 10.0.11.99 2>/dev/null | wc -l");
    expect(Number(listed.stdout)).toBe(FLOWS);
    expect(peakMb(pair.agents[0]?.child.pid)).toBeLessThan(MOST_MB);
    await burst.stop();
    await expect.poll(async () => counts(talk), within).toMatchObject({ open: 100, resets: 0, ended: 0, silent: 0 });
    expect(await busy.leaked()).toBe(0);
  });
});

import { afterEach, describe, expect, test } from "vitest";
import { type Lab, openLab, skipReason } from "./lab.ts";

const missing = skipReason();

/** What `nat remove` has to give back, without counters and times. */
async function before(lab: Lab): Promise<readonly string[]> {
  const rules = (await lab.inside(lab.router(0), "iptables-save")).replaceAll(/^#.*\n|\[\d+:\d+\]/gm, "");
  const rest = [
    ["ip", "rule"],
    ["sysctl", "net.ipv4.ip_forward", "net.netfilter.nf_conntrack_max"],
  ];
  return [rules, ...(await Promise.all(rest.map((argv) => lab.inside(lab.router(0), ...argv))))];
}

describe.skipIf(missing !== undefined)(
  `the boot and the daemon of a router begin together${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    let lab: Lab;
    afterEach(async () => lab?.remove());

    test("each step is done once, nobody fails, and remove gives back what was there before both", async () => {
      lab = await openLab("together");
      const untouched = await before(lab);
      const daemon = lab.startAgent(0, ["serve", "--port", "0"]);
      const runs = await Promise.all(Array.from({ length: 4 }, () => lab.agent(0, "nat", "apply", "--no-probe")));
      expect(runs.flatMap(({ code, stderr }) => (code === 0 ? [] : [stderr]))).toEqual([]);
      expect(runs.flatMap(({ stderr }) => stderr.match(/ip link add gl-probe0/g) ?? []).length).toBeLessThanOrEqual(1);
      await daemon.stop();
      expect(await lab.agent(0, "nat", "remove")).toMatchObject({ code: 0 });
      expect(await before(lab)).toEqual(untouched);
    });
  },
);

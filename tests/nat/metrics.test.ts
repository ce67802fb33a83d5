import { chmodSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Lab, openLab, skipReason } from "./lab.ts";

const missing = skipReason();

// veth counts no allowances, so a program that is called ethtool prints what the ENA driver does, for the interface
// that packets leave by and for no other; everything behind it is the agent's own way.
const ETHTOOL = `#!/bin/sh
[ "$*" = "-S ens6" ] || { echo "no stats available" >&2; exit 94; }
cat <<END
NIC statistics:
     total_resets: 0
     tx_timeout: 0
     bw_in_allowance_exceeded: 3
     bw_out_allowance_exceeded: 41
     pps_allowance_exceeded: 5
     conntrack_allowance_exceeded: 6
     linklocal_allowance_exceeded: 7
     conntrack_allowance_available: 136812
     queue_0_tx_cnt: 12345
END
`;

const ALLOWANCES = {
  bw_in_allowance_exceeded: 3,
  bw_out_allowance_exceeded: 41,
  pps_allowance_exceeded: 5,
  conntrack_allowance_exceeded: 6,
  linklocal_allowance_exceeded: 7,
  conntrack_allowance_available: 136_812,
};

describe.skipIf(missing !== undefined)(
  `what the instance allows a router${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    const folder = mkdtempSync(join(tmpdir(), "greenleaf-nat-ethtool-"));
    let lab: Lab;
    beforeAll(async () => {
      writeFileSync(join(folder, "ethtool"), ETHTOOL);
      chmodSync(join(folder, "ethtool"), 0o755);
      lab = await openLab("ena", { env: { PATH: `${folder}:${process.env.PATH}` } });
      await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
      expect(await lab.agent(0, "nat", "apply")).toMatchObject({ code: 0 });
    });
    afterAll(async () => {
      await lab?.remove();
      rmSync(folder, { recursive: true });
    });

    test("is in nat status, as data and for people, for the interface found by its MAC", async () => {
      const { stdout } = await lab.agent(0, "nat", "status", "--json");
      expect(JSON.parse(stdout)).toMatchObject({ isConverged: true, allowances: ALLOWANCES });
      expect((await lab.agent(0, "nat", "status")).stdout).toContain("conntrack_allowance_available 136812");
    });

    test("is in the daemon's metrics, each under its own name", async () => {
      lab.startAgent(0, ["serve", "--port", "9090"]);
      const ask = "fetch('http://localhost:9090/metrics').then((a) => a.text()).then(console.log)";
      const metrics = async () => (await lab.run(lab.router(0), process.execPath, "-e", ask)).stdout;
      await expect.poll(metrics, { timeout: 30_000, interval: 300 }).toContain("greenleaf_ena_");
      const lines = (await metrics()).split("\n").filter((line) => line.startsWith("greenleaf_ena_"));
      expect(lines).toEqual(Object.entries(ALLOWANCES).map(([name, value]) => `greenleaf_ena_${name} ${value}`));
    });
  },
);

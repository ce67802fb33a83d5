import { afterEach, describe, expect, test } from "vitest";
import { inside } from "../../scripts/lab/namespaces.ts";
import { median } from "../support/quantile.ts";
import { type Lab, openLab, skipReason } from "./lab.ts";
import { interleaved, startThroughputServer, throughput, waysOf } from "./ways.ts";

const missing = skipReason("iperf3");
let lab: Lab | undefined;
afterEach(async () => lab?.remove());

// What these ways carry and take is printed; `./greenleaf bench nat` measures it on a machine that does nothing else.
describe.skipIf(missing !== undefined)(
  `how fast a router is, roughly${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    test("T2: bulk traffic passes by the whole rule set as by plain forwarding", async () => {
      lab = await openLab("speed");
      expect(await lab.agent(0, "nat", "apply", "--no-probe")).toMatchObject({ code: 0 });
      const use = await waysOf(lab);
      const running = lab;
      await startThroughputServer(running);
      const rates = await interleaved(use, 5, () => throughput(running, 1));
      // The best round of each: what else the machine does can only slow one down.
      const share = Math.max(...rates.greenleaf) / Math.max(...rates.plain);
      process.stdout.write(`throughput: ${share.toFixed(2)} of plain forwarding, 5 rounds\n`);
      expect([...rates.greenleaf, ...rates.plain].filter((rate) => !(rate > 0))).toEqual([]);
    });

    test("T5: the rules that come in one restore are as many as one call a rule makes", async () => {
      lab = await openLab("restore");
      expect(await lab.agent(0, "nat", "apply", "--no-probe")).toMatchObject({ code: 0 });
      const space = lab.router(0);
      const dump = await lab.inside(space, "iptables-save");
      const rules = dump.split("\n").filter((line) => line.startsWith("-A GREENLEAF-"));
      const text = `*filter\n:SLOW - [0:0]\n${rules.map(() => "-A SLOW -s 192.0.2.1/32 -j RETURN").join("\n")}\nCOMMIT\n`;
      const timed = async (act: () => Promise<unknown>) => {
        const start = performance.now();
        await act();
        return performance.now() - start;
      };
      const at: { once: number[]; each: number[] } = { once: [], each: [] };
      for (let round = 0; round < 3; round += 1) {
        at.once.push(await timed(() => inside(space, ["iptables-restore", "--noflush"], text)));
        at.each.push(
          await timed(async () => {
            for (const _ of rules)
              await inside(space, ["iptables", "-A", "SLOW", "-s", "192.0.2.2/32", "-j", "RETURN"]);
          }),
        );
      }
      process.stdout.write(
        `${rules.length} rules: ${median(at.once).toFixed(0)} ms in one restore, ${median(at.each).toFixed(0)} ms one by one\n`,
      );
      const slow = (await lab.inside(space, "iptables-save")).split("\n").filter((line) => line.startsWith("-A SLOW"));
      // Each restore begins the chain anew, each call adds one: the last round's restored and called ones are there.
      expect(slow).toHaveLength(2 * rules.length);
    });
  },
);

import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { HELD_MARK, LATE_TABLE } from "../../node-agent/src/core/router/nat/flows/late-flows.ts";
import { counts, type Lab, openLab, type Program, skipReason } from "./lab.ts";

const missing = skipReason();

/** What flows.ts calls silent, and more. */
const SILENT_MS = 2_500;

describe.skipIf(missing !== undefined)(
  `a router with its daemon tells idle flows from lost ones${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    let lab: Lab;
    let server: string;
    const router = (...argv: string[]) => lab.run(lab.router(0), ...argv);
    const flows = (...args: string[]) => lab.ready(lab.node(lab.client(0), "flows.ts", ...args));
    const judges = async () => (await router("iptables", "-S", "GREENLEAF-OUT")).stdout.includes(HELD_MARK);
    const hasTable = async () => (await router("nft", "list", "tables")).stdout.includes(LATE_TABLE);
    const metric = async (name: string) => {
      const ask = "fetch('http://localhost:9090/metrics').then((a) => a.text()).then(console.log)";
      const { stdout } = await router(process.execPath, "-e", ask);
      return Number(new RegExp(`^greenleaf_${name} (\\d+)$`, "m").exec(stdout)?.[1] ?? 0);
    };
    const live = (program: Program) => async () => {
      const { open, resets, ended, silent } = await counts(program);
      return { open, resets, ended, silent };
    };

    beforeAll(async () => {
      lab = await openLab("late");
      server = lab.internet.servers[0] ?? "";
      await lab.ready(lab.node(lab.internet.namespace, "servers.ts"));
      expect(await lab.agent(0, "nat", "apply", "--no-probe")).toMatchObject({ code: 0 });
      lab.startAgent(0, ["serve", "--port", "9090"]);
    });
    beforeEach(async () => {
      for (let tries = 0; tries < 300 && !(await judges()); tries += 1) await sleep(200);
      expect(await judges()).toBe(true);
    });
    afterAll(async () => lab?.remove());

    test("whoever empties the table costs no flow that speaks", async () => {
      const talking = await flows(server, "30", "talk", "200");
      await router("conntrack", "-F");
      await sleep(SILENT_MS);
      const all = { open: 30, resets: 0, ended: 0, silent: 0 };
      await expect.poll(live(talking), { timeout: 60_000 }).toEqual(all);
      // On a busy machine the kernel's queue is full before it is read: not every deletion is heard.
      const restored = async () => {
        await router("conntrack", "-F");
        await sleep(SILENT_MS);
        return metric("nat_flows_restored_total");
      };
      await expect.poll(restored, { timeout: 120_000 }).toBeGreaterThan(0);
      await expect.poll(live(talking), { timeout: 60_000 }).toEqual(all);
      await talking.stop();
    });

    test("flows that were idle over the limit get resets", async () => {
      // Nobody else speaks with this server.
      const other = lab.internet.servers[1] ?? "";
      const left = async () =>
        (await router("conntrack", "-L", "-p", "tcp", "-d", other, "--state", "ESTABLISHED")).stdout;
      const resets = async () => {
        const waiting = await flows(other, "20", "wait");
        await router("conntrack", "-U", "-p", "tcp", "-d", other, "-t", "1");
        // A listing has the kernel end what expired, as the first packet of each would.
        for (let tries = 0; tries < 100 && (await left()) !== ""; tries += 1) await sleep(200);
        await waiting.ask("speak");
        await sleep(SILENT_MS);
        const found = (await counts(waiting)).resets;
        await waiting.stop();
        return found;
      };
      await expect.poll(resets, { timeout: 200_000 }).toBeGreaterThan(0);
    });

    test("a table of marks that another program deletes comes back, and goes with the rest", async () => {
      await router("nft", "delete", "table", "ip", LATE_TABLE);
      await expect.poll(hasTable, { timeout: 60_000, interval: 500 }).toBe(true);
    });
  },
);

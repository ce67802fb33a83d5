import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { hasProgram } from "../../scripts/programs.ts";
import { counts, die, type Lab, openPair, servesB, whyNot } from "./pair.ts";

const missing = whyNot();
const within = { timeout: 20_000, interval: 50 };
let lab: Lab | undefined;
afterEach(async () => lab?.remove());

const seenFrom = async (index: 0 | 1) =>
  (await lab?.ask(lab.client(index), "tcp", lab.internet.servers[0] ?? "", "8"))?.stdout;

describe.skipIf(missing !== undefined)(
  `two routers and what goes wrong beside them${missing === undefined ? "" : `: ${missing}`}`,
  () => {
    test.each(["throttled", "slow"] as const)(
      "while ReplaceRoute is %s the zone is taken late, once, and its flows live on",
      async (kind) => {
        const pair = await openPair(`pair-${kind}`);
        lab = pair.lab;
        await pair.cloud({ order: "faults", faults: [{ action: "ReplaceRoute", kind, router: 0 }] });
        await die(pair);
        await sleep(2_500);
        await pair.cloud({ order: "faults", faults: [] });
        await expect.poll(() => servesB(pair.lab, 0), within).toBe(true);
        await expect.poll(() => seenFrom(1), within).toBe(pair.lab.zone(1).publicAddress);
        await sleep(3_500);
        expect(await counts(pair.talk)).toMatchObject({ open: 100, resets: 0, ended: 0, silent: 0 });
        const { state, leases } = await pair.cloud({ order: "state" });
        expect(state.routes).toEqual([0, 0]);
        expect(leases["eu-west-3b"]?.holder).toBe(pair.lab.zone(0).nat.interfaceId);
      },
    );

    test("killed in the middle of a take-over it leaves no zone with two owners, and its next life finishes the work", async () => {
      const pair = await openPair("pair-kill");
      lab = pair.lab;
      // The lease is written, the rules stand, and the route hangs: then it dies.
      await pair.cloud({ order: "faults", faults: [{ action: "ReplaceRoute", kind: "silent", router: 0 }] });
      await die(pair);
      const holder = async () => (await pair.cloud({ order: "state" })).leases["eu-west-3b"]?.holder;
      await expect.poll(holder, within).toBe(pair.lab.zone(0).nat.interfaceId);
      await pair.agents[0]?.stop();
      await pair.cloud({ order: "faults", faults: [] });
      expect((await pair.cloud({ order: "state" })).state.routes).toEqual([0, 1]);
      pair.serve(0);
      await expect.poll(() => servesB(pair.lab, 0), within).toBe(true);
      await expect.poll(() => seenFrom(1), within).toBe(pair.lab.zone(1).publicAddress);
      expect((await pair.cloud({ order: "state" })).state.routes).toEqual([0, 0]);
      expect(await pair.lab.leaked()).toBe(0);
    });

    test.skipIf(!hasProgram("faketime"))(
      "a wall clock that jumps hours in either direction moves nothing, and a take-over works with it (needs faketime: apt-get install -y faketime)",
      async () => {
        const folder = mkdtempSync(join(tmpdir(), "greenleaf-nat-clock-"));
        const clock = join(folder, "offset");
        writeFileSync(clock, "+0s\n");
        const shifted = {
          LD_PRELOAD: "/usr/$LIB/faketime/libfaketime.so.1",
          FAKETIME_TIMESTAMP_FILE: clock,
          FAKETIME_NO_CACHE: "1",
          FAKETIME_DONT_FAKE_MONOTONIC: "1",
        };
        const pair = await openPair("pair-clock", shifted);
        lab = pair.lab;
        for (const jump of ["+7200s", "-86400s"]) {
          writeFileSync(clock, `${jump}\n`);
          await sleep(2_500);
          expect([servesB(pair.lab, 0), servesB(pair.lab, 1)]).toEqual([false, true]);
        }
        // The status is dated by the shifted clock: the jump was real.
        expect(new Date(pair.lab.status(0)?.written ?? 0).getTime()).toBeLessThan(Date.now() - 80_000_000);
        await die(pair);
        await expect.poll(() => servesB(pair.lab, 0), within).toBe(true);
        await expect.poll(() => seenFrom(1), within).toBe(pair.lab.zone(1).publicAddress);
        await sleep(9_000);
        // Renewed by its own monotonic clock, and accepted by the store although signed a day late.
        expect(servesB(pair.lab, 0)).toBe(true);
        rmSync(folder, { recursive: true });
      },
    );
  },
);

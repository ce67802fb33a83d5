import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { hasProgram } from "../../scripts/programs.ts";
import { counts, die, type Lab, openPair, servesB, skipReason } from "./pair.ts";

const missing = skipReason();
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

    // The lease, then the route, then the public address: it dies while the answer is awaited.
    test.each([
      ["PutItem", [0, 1]],
      ["ReplaceRoute", [0, 1]],
      ["AssociateAddress", [0, 0]],
    ] as const)(
      "T14: killed in the middle of a failover's %s it leaves no zone with two owners, and its next life finishes the work",
      async (action, routes) => {
        const pair = await openPair(`pair-kill-${action.slice(0, 3).toLowerCase()}`);
        lab = pair.lab;
        await pair.cloud({ order: "faults", faults: [{ action, kind: "silent", router: 0 }] });
        const seen = async () => (await pair.cloud({ order: "state" })).calls;
        const from = (await seen()).length;
        await die(pair);
        const isCalled = async () =>
          (await seen()).slice(from).some((call) => call.action === action && call.from === 0);
        await expect.poll(isCalled, within).toBe(true);
        // Its calls go out together: whatever else it began has arrived.
        await sleep(500);
        await pair.agents[0]?.stop();
        expect((await pair.cloud({ order: "state" })).state.routes).toEqual(routes);
        await pair.cloud({ order: "faults", faults: [] });
        pair.serve(0);
        await expect.poll(() => servesB(pair.lab, 0), within).toBe(true);
        await expect.poll(() => seenFrom(1), within).toBe(pair.lab.zone(1).publicAddress);
        expect((await pair.cloud({ order: "state" })).state.routes).toEqual([0, 0]);
        expect(await pair.lab.leaked()).toBe(0);
      },
    );

    test("T14: killed in the middle of giving a zone back it leaves it with one owner, and its router fetches it", async () => {
      const pair = await openPair("pair-kill-back");
      lab = pair.lab;
      await die(pair);
      await expect.poll(() => servesB(pair.lab, 0), within).toBe(true);
      await pair.cloud({ order: "faults", faults: [{ action: "ReplaceRoute", kind: "silent", router: 0 }] });
      const from = (await pair.cloud({ order: "state" })).calls.length;
      await pair.lab.run(pair.lab.router(1), "ip", "link", "set", "ens6", "up");
      pair.serve(1);
      const isGiving = async () =>
        (await pair.cloud({ order: "state" })).calls.slice(from).some(({ action }) => action === "ReplaceRoute");
      await expect.poll(isGiving, { ...within, timeout: 40_000 }).toBe(true);
      await pair.agents[0]?.stop();
      expect((await pair.cloud({ order: "state" })).state.routes[1]).toBe(0);
      await pair.cloud({ order: "faults", faults: [] });
      // Until the dead one's lease is over nobody moves the route: its kernel still forwards.
      const routes = async () => (await pair.cloud({ order: "state" })).state.routes[1];
      await expect.poll(routes, { ...within, timeout: 60_000 }).toBe(1);
      await expect.poll(() => seenFrom(1), within).toBe(pair.lab.zone(1).publicAddress);
      expect(await pair.lab.leaked()).toBe(0);
    });

    test.skipIf(!hasProgram("faketime"))(
      "a wall clock that jumps hours in either direction moves nothing, and a failover works with it (needs faketime: apt-get install -y faketime)",
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
        await lab.remove();
        rmSync(folder, { recursive: true });
        // An agent that was killed could not take its part of faketime away.
        for (const { child } of pair.agents)
          for (const part of ["faketime_shm", "sem.faketime_sem"])
            rmSync(`/dev/shm/${part}_${child.pid}`, { force: true });
      },
    );
  },
);

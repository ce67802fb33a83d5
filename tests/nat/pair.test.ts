import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, describe, expect, test } from "vitest";
import { counts, die, type Lab, openPair, type Program, servesB as serves, skipReason } from "./pair.ts";

const missing = skipReason();
let lab: Lab;
afterEach(async () => lab?.remove());

const servesB = (index: 0 | 1) => serves(lab, index);
const within = { timeout: 20_000, interval: 50 };
async function noneLost(...flows: readonly Program[]): Promise<void> {
  for (const each of flows) expect(await counts(each)).toMatchObject({ open: 100, resets: 0, ended: 0, silent: 0 });
}

const PAIR_CALLS = [
  "DescribeRouteTables",
  "ReplaceRoute",
  "AssociateAddress",
  "AssignPrivateIpAddresses",
  "GetItem",
  "PutItem",
];

const withoutCounters = (dump: string): string => dump.replaceAll(/^#.*\n|\[\d+:\d+\]/gm, "");

/** Owners the control plane ever named for zone b, in order. */
const moves = (calls: readonly { action: string }[]) => calls.filter(({ action }) => action === "ReplaceRoute").length;

describe.skipIf(missing !== undefined)(`two routers${missing === undefined ? "" : `: ${missing}`}`, () => {
  test("T10: when one dies the other takes its zone and its address; 200 flows of both kinds live on, then go home", async () => {
    const pair = await openPair("pair-die");
    lab = pair.lab;
    const { talk, listen, cloud, serve } = pair;
    await die(pair);
    await expect.poll(() => servesB(0), within).toBe(true);
    await sleep(3_500);
    await noneLost(talk, listen);
    expect((await lab.ask(lab.client(1), "tcp", lab.internet.servers[0] ?? "", "8")).stdout).toBe(
      lab.zone(1).publicAddress,
    );
    await lab.run(lab.router(1), "ip", "link", "set", "ens6", "up");
    serve(1);
    await expect.poll(() => servesB(1) === true && servesB(0) === false, { ...within, timeout: 40_000 }).toBe(true);
    await sleep(2_500);
    await noneLost(talk, listen);
    const { state, calls } = await cloud({ order: "state" });
    expect(state.routes).toEqual([0, 1]);
    // There, and back; a router that last saw its route elsewhere may point it home once more.
    expect(moves(calls)).toBeGreaterThanOrEqual(2);
    expect(moves(calls)).toBeLessThanOrEqual(3);
    // Late heartbeats may make it claim its zone for a moment.
    const holder = async () => (await cloud({ order: "state" })).leases["eu-west-3b"]?.holder;
    await expect.poll(holder, within).toBe("nobody");
    expect(await lab.leaked()).toBe(0);
    // All that a pair ever asks for; what its policy allows beyond these belongs to a boot (tests/unit/routers).
    expect(new Set((await cloud({ order: "state" })).calls.map(({ action }) => action))).toEqual(new Set(PAIR_CALLS));
  });

  test("a planned hand-over loses no flow, and nat drain waits for it", async () => {
    const pair = await openPair("pair-drain");
    lab = pair.lab;
    const { talk, listen, cloud } = pair;
    expect(await lab.agent(1, "nat", "drain")).toMatchObject({ code: 0 });
    // Each writes its status twice a second.
    await expect.poll(() => [servesB(0), servesB(1)], within).toEqual([true, false]);
    await sleep(2_500);
    await noneLost(talk, listen);
    expect((await cloud({ order: "state" })).state.routes).toEqual([0, 0]);
  });

  test("cut off from each other but not from AWS, nobody moves; nor for one dead target, nor for a dead agent", async () => {
    const pair = await openPair("pair-cut");
    lab = pair.lab;
    const { talk, listen, cloud, agents } = pair;
    const [a, b] = lab.lab.zones;
    const cut = (action: string) =>
      Promise.all(
        [
          [a.nat.address, b.nat.address],
          [b.nat.address, a.nat.address],
        ].map(([from = "", to = ""]) =>
          lab.run(lab.lab.vpc.namespace, "ip", "rule", action, "priority", "50", "from", from, "to", to, "blackhole"),
        ),
      );
    await cut("add");
    await sleep(6_000);
    const during = await cloud({ order: "state" });
    expect(during.leases["eu-west-3a"]?.holder).toBe(a.nat.interfaceId);
    expect(during.leases["eu-west-3b"]?.holder).toBe(b.nat.interfaceId);
    await cut("delete");
    await expect
      .poll(async () => Object.values((await cloud({ order: "state" })).leases).map(({ holder }) => holder), within)
      .toEqual(["nobody", "nobody"]);
    await lab.run(lab.internet.namespace, "ip", "address", "delete", `${lab.internet.servers[2]}/24`, "dev", "eth0");
    await sleep(2_000);
    // Its kernel goes on forwarding, and probes through it say so.
    await agents[1]?.stop();
    await sleep(3_000);
    const { state, calls } = await cloud({ order: "state" });
    expect(state.routes).toEqual([0, 1]);
    expect(moves(calls)).toBe(0);
    await noneLost(talk, listen);
  });

  test.each(["ReplaceRoute", "AssociateAddress"])(
    "T15: a denied %s is named, the lease is given up, and the zone is not served; allowed, it is taken",
    async (action) => {
      const pair = await openPair(`pair-denied-${action.slice(0, 3).toLowerCase()}`);
      lab = pair.lab;
      const { cloud } = pair;
      await cloud({ order: "faults", faults: [{ action, kind: "denied", router: 0 }] });
      await die(pair);
      const event = () => lab.status(0)?.event ?? "";
      await expect.poll(event, within).toMatch(new RegExp(`take-peer failed: ec2:${action} was denied`));
      expect(servesB(0)).toBe(false);
      await cloud({ order: "faults", faults: [] });
      await expect.poll(() => servesB(0), within).toBe(true);
    },
  );

  test("a holder that cannot renew stops forwarding for the other zone before anybody else may start", async () => {
    const pair = await openPair("pair-expire");
    lab = pair.lab;
    const { cloud } = pair;
    await die(pair);
    await expect.poll(() => servesB(0), within).toBe(true);
    await cloud({ order: "faults", faults: [{ action: "*", kind: "throttled" }] });
    await expect.poll(() => servesB(0), within).toBe(false);
    expect((await lab.ask(lab.client(1), "tcp", lab.internet.servers[0] ?? "", "8")).code).toBe(1);
    expect(await lab.ask(lab.client(0), "tcp", lab.internet.servers[0] ?? "", "8")).toMatchObject({
      stdout: lab.zone(0).publicAddress,
    });
  });

  test("the zone of an owner whose kernel lived through the cut comes home with every flow", async () => {
    const pair = await openPair("pair-return");
    lab = pair.lab;
    const { talk, listen } = pair;
    const vpc = (rules: string) => pair.lab.inside(pair.lab.lab.vpc.namespace, "nft", rules);
    const serves = async (index: 0 | 1, isServed: boolean) =>
      expect.poll(() => servesB(index), { timeout: 40_000, interval: 50 }).toBe(isServed);
    // Its agent, its entries and its interfaces stay: only packets do not come through.
    const cut = (hook: string, side: string) =>
      `add chain ip cut ${hook} { type filter hook ${hook} priority -400; }; add rule ip cut ${hook} ${side}ifname { e-r2p, e-r2n } drop`;
    await vpc(`add table ip cut; ${cut("prerouting", "i")}; ${cut("postrouting", "o")}`);
    await serves(0, true);
    // Either side says more than that router has heard.
    await sleep(5_000);
    await vpc("delete table ip cut");
    await serves(1, true);
    await serves(0, false);
    await sleep(2_500);
    await noneLost(talk, listen);
    expect(await lab.leaked()).toBe(0);
  });

  test("a rule deleted by hand is put back again and again, at home, and live flows do not notice", async () => {
    const pair = await openPair("pair-drift");
    lab = pair.lab;
    const { talk, listen, cloud } = pair;
    const rules = async () => withoutCounters(await lab.inside(lab.router(1), "iptables-save"));
    const whole = await rules();
    for (const rule of [
      ["-t", "nat", "-F", "GREENLEAF-NAT"],
      ["-D", "FORWARD", "-j", "GREENLEAF-FORWARD"],
    ]) {
      for (let turn = 0; turn < 3; turn += 1) {
        await lab.run(lab.router(1), "iptables", ...rule);
        await expect.poll(rules, { timeout: 5_000, interval: 20 }).toBe(whole);
      }
    }
    await noneLost(talk, listen);
    expect(await lab.leaked()).toBe(0);
    // Mended at home: nobody took the zone meanwhile.
    expect(moves((await cloud({ order: "state" })).calls)).toBe(0);
  });
});

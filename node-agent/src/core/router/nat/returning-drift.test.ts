import { expect, test } from "vitest";
import { ReturningDrift, writersOf } from "./returning-drift.ts";

const RULES = "restore ipv4 rules";

test("what is put back now and then is no alarm, and what comes back five times in a minute is one until it stops", () => {
  const drift = new ReturningDrift();
  for (const now of [0, 15_000, 30_000, 45_000, 60_000]) {
    drift.repaired([RULES], now);
    drift.clean();
    expect([now, drift.returning(now)]).toEqual([now, undefined]);
  }
  drift.repaired([RULES, "set a=1"], 61_000);
  drift.repaired([RULES], 62_000);
  expect(drift.returning(62_000)).toEqual({ what: RULES, times: 6 });
  expect(drift.returning(130_000)).toBeUndefined();
});

test("while each look finds something changed the next one waits longer, up to two seconds; one good look ends that", () => {
  const drift = new ReturningDrift();
  const pauses: number[] = [];
  for (let look = 0; look < 13; look += 1) {
    drift.repaired([RULES], look * 400);
    pauses.push(drift.pauseMs);
  }
  expect(pauses).toEqual([0, 0, 0, 0, 0, 0, 0, 400, 800, 1_600, 2_000, 2_000, 2_000]);
  drift.clean();
  expect(drift.pauseMs).toBe(0);
});

test("a day of a fight takes no memory", () => {
  const drift = new ReturningDrift();
  for (let look = 0; look < 10_000; look += 1) drift.repaired([`set a=${look}`, RULES], look * 10);
  expect(drift.returning(99_990)?.times).toBe(200);
});

test("who wrote the packet filter is read from nft monitor, each program once", () => {
  const monitored = `add table ip nat
# new generation 2 by process 20639 (iptables)
add table ip foo
# new generation 3 by process 20640 (nft)
# new generation 4 by process 20641 (iptables)
`;
  expect(writersOf(monitored)).toEqual(["iptables", "nft"]);
  expect(writersOf("")).toEqual([]);
});

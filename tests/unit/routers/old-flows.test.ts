import { expect, test } from "vitest";
import type { ConntrackReplica } from "../../../node-agent/src/daemon/router/conntrack-replica.ts";
import { OldFlows } from "../../../node-agent/src/daemon/router/old-flows.ts";

const zones = {
  home: { name: "a", sources: ["10.0.10.0/24"] },
  peer: { name: "b", sources: ["10.0.11.0/24"] },
};
const heartbeat = (home: boolean, peer: boolean) => ({
  router: "other",
  isProven: true,
  isDoubtful: false,
  provenForMs: 0,
  serves: { home, peer },
  isDraining: false,
  isGiving: false,
});

function oldFlows(refresh: () => Promise<void> = async () => undefined) {
  const done: string[] = [];
  const copy = { refresh: () => refresh().then(() => void done.push("copy")) } as unknown as ConntrackReplica;
  const flows = new OldFlows({
    conntrack: { forget: async (sources: readonly string[]) => void done.push(`forget ${sources.join()}`) } as never,
    zones,
    copies: new Map([["b", [copy]]]),
    tell: (text) => void done.push(text),
  });
  return { flows, done };
}

test("a zone's entries go once when the other router serves it, and again after it was served here", async () => {
  const { flows, done } = oldFlows();
  let home = false;
  const serves = () => ({ home, peer: false });
  for (const now of [1, 2, 3]) flows.look(now, serves, heartbeat(false, true));
  await flows.settled;
  expect(done).toEqual(["forget 10.0.10.0/24"]);
  home = true;
  flows.look(4, serves, heartbeat(false, true));
  home = false;
  flows.look(5, serves, heartbeat(false, true));
  await flows.settled;
  expect(done).toEqual(["forget 10.0.10.0/24", "forget 10.0.10.0/24"]);
});

test("nothing goes while the zone is served here, or nobody says that it is served elsewhere", async () => {
  const { flows, done } = oldFlows();
  flows.look(1, () => ({ home: true, peer: true }), heartbeat(true, true));
  flows.look(2, () => ({ home: false, peer: false }), heartbeat(false, false));
  flows.look(3, () => ({ home: false, peer: false }), undefined);
  await flows.settled;
  expect(done).toEqual([]);
});

test("of a zone that was given back the flows are copied first; what cannot be copied is not forgotten yet", async () => {
  let isAway = true;
  const { flows, done } = oldFlows(async () => {
    if (isAway) throw new Error("no connection");
  });
  const serves = () => ({ home: true, peer: false });
  flows.look(1, serves, heartbeat(true, false));
  await flows.settled;
  expect(done).toEqual(["b: old flows stay for now: no connection"]);
  isAway = false;
  flows.look(1_000, serves, heartbeat(true, false));
  flows.look(2_001, serves, heartbeat(true, false));
  await flows.settled;
  expect(done.slice(1)).toEqual(["copy", "forget 10.0.11.0/24"]);
});

import { expect, test } from "vitest";
import { hmac, isSameHmac } from "../../../base/hmac.ts";
import { type Heartbeat, parseHeartbeat } from "./decision.ts";
import { HeartbeatInbox, SIGNED_MS } from "./heartbeat-inbox.ts";
import { keysOf, recordedKeys, withNewKey } from "./heartbeat-keys.ts";
import { written } from "./heartbeat-signature.ts";

const SIGNING = { sign: hmac, isSame: isSameHmac };
const [OLD, NEW, OTHER] = ["a", "b", "c"].map((digit) => digit.repeat(64)) as [string, string, string];
const heartbeat: Heartbeat = {
  router: "eni-1",
  isProven: true,
  isDoubtful: false,
  provenForMs: 1.5,
  serves: { home: true, peer: false },
  isDraining: false,
  isGiving: false,
};

/** A router's part in heartbeats, without its socket; every process of it is another session. */
function router(session: string, keys: readonly string[]) {
  const inbox = new HeartbeatInbox(session, SIGNING);
  let number = 0;
  return {
    says: (over: Partial<Heartbeat> = {}) =>
      written({ ...heartbeat, ...over }, { session, number: (number += 1), hears: inbox.hears }, keys, SIGNING),
    hears: (text: string, now = 0) => {
      const delivery = inbox.take(text, keys, now);
      if (delivery === "greeting") return delivery;
      return "refused" in delivery ? delivery.refused : `heard ${delivery.isSigned ? "signed" : "unsigned"}`;
    },
  };
}

type Router = ReturnType<typeof router>;

/** A pair that hear each other. */
function met(keys = [NEW]): readonly [Router, Router] {
  const pair = [router("one", keys), router("two", keys)] as const;
  expect(pair[1].hears(pair[0].says())).toBe("greeting");
  expect(pair[0].hears(pair[1].says())).toBe("heard signed");
  expect(pair[1].hears(pair[0].says())).toBe("heard signed");
  return pair;
}

test("two routers of one key hear each other from the second heartbeat on", () => {
  const [one, two] = met();
  expect([one.hears(two.says()), two.hears(one.says())]).toEqual(["heard signed", "heard signed"]);
});

test("a heartbeat that was heard, one that comes late, and any of before count for nothing", () => {
  const [one, two] = met();
  const [first, second] = [one.says(), one.says()];
  expect(two.hears(second)).toBe("heard signed");
  expect([two.hears(second), two.hears(first)]).toEqual(["replayed", "replayed"]);
  // The sender starts anew: its former session is over.
  const anew = router("three", [NEW]);
  expect(two.hears(anew.says())).toBe("greeting");
  expect(anew.hears(two.says())).toBe("heard signed");
  expect([two.hears(anew.says()), two.hears(second), two.hears(one.says())]).toEqual([
    "heard signed",
    "replayed",
    "replayed",
  ]);
  // The hearer starts anew: what it heard before does not name this process.
  const hearer = router("four", [NEW]);
  expect([hearer.hears(second), hearer.hears(anew.says())]).toEqual(["greeting", "greeting"]);
  expect(anew.hears(hearer.says())).toBe("heard signed");
  expect([hearer.hears(anew.says()), hearer.hears(second)]).toEqual(["heard signed", "greeting"]);
  expect(hearer.hears(anew.says())).toBe("heard signed");
});

test("whatever is changed in a signed heartbeat, or signed with another key, counts for nothing", () => {
  const [one, two] = met();
  const text = one.says();
  const message = JSON.parse(text) as Record<string, unknown>;
  const forged: Record<string, unknown> = {
    router: "x",
    isProven: false,
    isDoubtful: true,
    provenForMs: 9,
    isDraining: true,
    isGiving: true,
    serves: { home: false, peer: false },
    session: "x",
    number: 999,
    hears: ["two", "x"],
    more: 1,
  };
  for (const [name, value] of Object.entries(forged))
    expect([name, two.hears(JSON.stringify({ ...message, [name]: value }))]).toEqual([name, "unknown key"]);
  for (const macs of [[], [""], ["0".repeat(64)]])
    expect(two.hears(JSON.stringify({ ...message, macs }))).toBe("unknown key");
  for (const wrong of [{ macs: null }, { macs: "x" }, { macs: {} }, { number: -1 }, { number: null }, { hears: [1] }])
    expect(two.hears(JSON.stringify({ ...message, ...wrong }))).toBe("no heartbeat");
  const { session: _, ...without } = message;
  expect(two.hears(JSON.stringify(without))).toBe("no heartbeat");
  expect(two.hears(router("one", [OTHER]).says())).toBe("unknown key");
  expect(two.hears(JSON.stringify({ ...message, macs: Array.from({ length: 99 }, () => "0".repeat(64)) }))).toBe(
    "no heartbeat",
  );
  expect(two.hears(text)).toBe("heard signed");
});

test("an older version reads a signed heartbeat, and is heard until the other router has signed", () => {
  const [one, two] = [router("one", [NEW]), router("two", [NEW])];
  expect(parseHeartbeat(one.says())).toMatchObject(heartbeat);
  const older = JSON.stringify(heartbeat);
  expect([two.hears(older), two.hears(older)]).toEqual(["heard unsigned", "heard unsigned"]);
  // Its successor: a recorded signature of no known session changes nothing yet.
  expect([two.hears(one.says()), two.hears(older)]).toEqual(["greeting", "heard unsigned"]);
  one.hears(two.says());
  expect(two.hears(one.says(), 1_000)).toBe("heard signed");
  expect([two.hears(older, 1_001), two.hears(older, 1_000 + SIGNED_MS - 1)]).toEqual(["unsigned", "unsigned"]);
  // The older version was put back.
  expect(two.hears(older, 1_000 + SIGNED_MS)).toBe("heard unsigned");
});

test("without a key everything that is a heartbeat is heard, as versions before it did, and nothing is signed", () => {
  const bare = router("bare", []);
  const [one] = met();
  expect(JSON.parse(bare.says())).toEqual(heartbeat);
  expect([bare.hears(one.says()), bare.hears(JSON.stringify(heartbeat)), bare.hears("{}")]).toEqual([
    "heard unsigned",
    "heard unsigned",
    "no heartbeat",
  ]);
});

test("while a key is replaced routers of either key hear each other, and a router with neither does not", () => {
  for (const [ours, theirs] of [
    [[OLD], [NEW, OLD]],
    [[NEW, OLD], [NEW]],
    [
      [NEW, OLD],
      [NEW, OLD],
    ],
  ] as const) {
    const [one, two] = [router("one", ours), router("two", theirs)];
    two.hears(one.says());
    expect([one.hears(two.says()), two.hears(one.says())]).toEqual(["heard signed", "heard signed"]);
    expect(one.says().length).toBeLessThan(700);
  }
  expect(router("one", [OLD]).hears(router("two", [NEW]).says())).toBe("unknown key");
});

test("a record holds one key or two, and a new one puts the oldest out", () => {
  expect(withNewKey([OLD], NEW)).toEqual([NEW, OLD]);
  expect(withNewKey([NEW, OLD], OTHER)).toEqual([OTHER, NEW]);
  for (const keys of [[NEW], [NEW, OLD]]) expect(keysOf({ holder: recordedKeys(keys) })).toEqual(keys);
  for (const holder of ["", "nobody", NEW.slice(1), `${NEW},`, `${NEW},${OLD},${OTHER}`, NEW.toUpperCase()])
    expect(keysOf({ holder })).toBeUndefined();
  expect(keysOf(undefined)).toBeUndefined();
});

test("what a router sent itself counts for nothing when it comes back, and the other one is heard on", () => {
  const [one, two] = met();
  for (let times = 0; times < 3; times += 1) expect(one.hears(one.says())).toBe("replayed");
  expect([one.hears(two.says()), two.hears(one.says())]).toEqual(["heard signed", "heard signed"]);
});

test("recorded heartbeats of earlier sessions do not keep the other router's new one from being heard", () => {
  const recorded = Array.from({ length: 7 }, (_, each) => router(`earlier ${each}`, [NEW]).says());
  const [one, two] = [router("one", [NEW]), router("two", [NEW])];
  const flood = () => recorded.forEach((text) => expect(one.hears(text)).toBe("greeting"));
  flood();
  expect(one.hears(two.says())).toBe("greeting");
  flood();
  expect(two.hears(one.says())).toBe("heard signed");
  flood();
  expect(one.hears(two.says())).toBe("heard signed");
  flood();
  expect(one.hears(two.says())).toBe("heard signed");
});

test("of more sessions than may answer at once each gets its time, and what is sent stays short enough to be read", () => {
  const one = router("1".repeat(32), [OLD, NEW]);
  for (let each = 0; each < 40; each += 1) one.hears(router(`${each}`.padStart(32, "x"), [NEW]).says(), 0);
  const two = router("2".repeat(32), [OLD, NEW]);
  one.hears(two.says(), 1_000);
  expect(one.says().length).toBeLessThan(1_400);
  expect(two.hears(one.says())).toBe("greeting");
  one.hears(two.says(), 2_500);
  expect(two.hears(one.says())).toBe("heard signed");
  expect(one.hears(two.says(), 2_600)).toBe("heard signed");
});

test("a heartbeat with more signatures than there are keys is none, however many fit into a datagram", () => {
  const [one, two] = met();
  const text = JSON.parse(one.says()) as { macs: string[] };
  expect(two.hears(JSON.stringify({ ...text, macs: [...text.macs, ...Array<string>(12).fill("")] }))).toBe(
    "no heartbeat",
  );
});

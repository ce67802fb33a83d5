import { expect, test } from "vitest";
import { type Counter, ProcessCounter } from "../../../images/backend/src/login/attempts.ts";
import { LoginLimit } from "../../../images/backend/src/login/login-limit.ts";

const LIMITS = { wrong: 10, windowMs: 60_000 };

/** Nodes of one fleet on a clock that is moved by hand; `valkey` is what they share. */
function fleet(valkey?: Counter) {
  const clock = { now: 0 };
  const shared = valkey ?? new ProcessCounter(LIMITS, () => clock.now);
  const node = () => {
    const sleep = async (ms: number) => void (clock.now += ms);
    return new LoginLimit({ own: new ProcessCounter(LIMITS, () => clock.now), fleet: shared }, { sleep, tries: 3 });
  };
  return { clock, node };
}

const away: Counter = {
  reserve: () => Promise.reject(new Error("Valkey is away")),
  settle: () => Promise.reject(new Error("Valkey is away")),
};

interface Try {
  readonly address?: string;
  readonly account?: string;
  readonly isWrong?: boolean;
}

/** One attempt to its end: "judged", or the seconds to wait. */
async function attempt(limit: LoginLimit, { address = "192.0.2.1", account = "a@shop.example", isWrong = true }: Try) {
  const begun = await limit.begin({ kind: "login", address, account });
  if (begun.isRefused) return Math.ceil(begun.retryAfterMs / 1_000);
  await begun.settle(isWrong);
  return "judged";
}

async function wrong(limit: LoginLimit, times: number, one: (at: number) => Try = () => ({})) {
  const ends = [];
  for (let at = 0; at < times; at += 1) ends.push(await attempt(limit, one(at)));
  return ends;
}

const JUDGED = Array.from({ length: 10 }, () => "judged");

test("the eleventh wrong password of a minute is not judged, on whichever node it arrives", async () => {
  const { clock, node } = fleet();
  const [a, b] = [node(), node()];
  expect([...(await wrong(a, 5)), ...(await wrong(b, 5))]).toEqual(JUDGED);
  clock.now += 20_000;
  expect([await attempt(a, { isWrong: false }), await attempt(b, { isWrong: false })]).toEqual([40, 40]);
  clock.now += 40_000;
  expect(await attempt(a, { isWrong: false })).toBe("judged");
});

test("the owner gets in from another address, again and again", async () => {
  const { node } = fleet();
  const limit = node();
  await wrong(limit, 10);
  const owner = { address: "198.51.100.7", isWrong: false };
  expect([await attempt(limit, owner), await attempt(limit, owner)]).toEqual(["judged", "judged"]);
});

test("an account that was tried from many addresses gives each further one a single try", async () => {
  const { node } = fleet();
  const limit = node();
  expect(await wrong(limit, 10, (at) => ({ address: `203.0.113.${at}` }))).toEqual(JUDGED);
  expect(await wrong(limit, 2, () => ({ address: "203.0.113.99" }))).toEqual(["judged", 60]);
});

test("an address that tried ten accounts waits for all of them", async () => {
  const { node } = fleet();
  const limit = node();
  expect(await wrong(limit, 10, (at) => ({ account: `${at}@shop.example` }))).toEqual(JUDGED);
  expect(await attempt(limit, { account: "another@shop.example" })).toBe(60);
});

test("capitals and blanks make no other account, and an account has one count for all who log in", async () => {
  const { node } = fleet();
  const limit = node();
  const spellings = ["a@shop.example", "A@Shop.Example", " a@shop.example "];
  await wrong(limit, 10, (at) => ({ account: spellings[at % 3]!, address: `203.0.113.${at}` }));
  await attempt(limit, { account: "A@SHOP.EXAMPLE" });
  expect(await attempt(limit, {})).toBe(60);
});

test("many at once are not more than the limit", async () => {
  const { node } = fleet();
  const [a, b] = [node(), node()];
  const begun = await Promise.all(
    Array.from({ length: 50 }, (_, at) =>
      (at % 2 ? a : b).begin({ kind: "login", address: "192.0.2.1", account: `${at}@shop.example` }),
    ),
  );
  expect(begun.filter(({ isRefused }) => !isRefused)).toHaveLength(10);
});

test("those who were right are not counted", async () => {
  const { node } = fleet();
  const limit = node();
  expect(await wrong(limit, 30, () => ({ isWrong: false }))).not.toContainEqual(expect.any(Number));
});

test("what waits while others are judged is judged afterwards", async () => {
  const { node } = fleet();
  const limit = node();
  const begun = await Promise.all(
    Array.from({ length: 10 }, () => limit.begin({ kind: "login", address: "192.0.2.1", account: undefined })),
  );
  const last = limit.begin({ kind: "login", address: "192.0.2.1", account: undefined });
  for (const one of begun) if (!one.isRefused) await one.settle(false);
  expect(await last).toMatchObject({ isRefused: false });
});

test("without Valkey each process counts by itself: nothing is open", async () => {
  const { node } = fleet(away);
  const limit = node();
  expect(await wrong(limit, 11)).toEqual([...JUDGED, 60]);
});

test("when Valkey goes away in the middle the process knows what it has seen", async () => {
  const { clock, node } = fleet();
  let isAway = false;
  const shared = new ProcessCounter(LIMITS, () => clock.now);
  const flaky: Counter = {
    reserve: (keys) => (isAway ? away : shared).reserve(keys),
    settle: (keys, isWrong) => (isAway ? away : shared).settle(keys, isWrong),
  };
  const limit = fleet(flaky).node();
  await wrong(limit, 6);
  isAway = true;
  expect(await wrong(limit, 5)).toEqual(["judged", "judged", "judged", "judged", 60]);
  expect(node()).toBeDefined();
});

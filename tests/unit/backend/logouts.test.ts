import { expect, test } from "vitest";
import { bearerClaims, type LogoutStore, Logouts } from "../../../images/backend/src/login/logouts.ts";

function world() {
  const clock = { at: 100_900 };
  const kept = new Map<string, string>();
  let awayFor = 0;
  const answer = async <Value>(value: () => Value): Promise<Value> => {
    if ((awayFor -= 1) >= 0) throw new Error("Valkey is away");
    return value();
  };
  const store: LogoutStore = {
    mget: (...keys) => answer(() => keys.map((key) => kept.get(key) ?? null)),
    set: (key, value) => answer(() => kept.set(key, value)),
  };
  const node = () => new Logouts(store, { now: () => clock.at, sleep: async (ms) => void (clock.at += ms) });
  return { clock, node, goAway: (questions = Infinity) => (awayFor = questions) };
}

const madeAt = (iat: number) => ({ auth_identity_id: "auth_1", actor_id: "user_1", iat });

test("what was made before a logout is dead on every node, and what is made after its answer is not", async () => {
  const { clock, node } = world();
  const [a, b] = [node(), node()];
  expect(await b.isEnded(madeAt(100))).toBe(false);
  await a.end("auth_1");
  expect([await a.isEnded(madeAt(100)), await b.isEnded(madeAt(100)), await b.isEnded(madeAt(50))]).toEqual([
    true,
    true,
    true,
  ]);
  // A token made in this very moment names a later second.
  expect(await b.isEnded(madeAt(Math.floor(clock.at / 1_000)))).toBe(false);
});

test("somebody else goes on, and one who was removed does not", async () => {
  const { node } = world();
  const logouts = node();
  await logouts.end("user_1");
  expect(await logouts.isEnded(madeAt(100))).toBe(true);
  expect(await logouts.isEnded({ auth_identity_id: "auth_2", actor_id: "user_2", iat: 100 })).toBe(false);
});

test("a logout that Valkey did not take at once is kept all the same", async () => {
  const { node, goAway } = world();
  const [a, b] = [node(), node()];
  goAway(2);
  await a.end("auth_1");
  expect(await b.isEnded(madeAt(100))).toBe(true);
});

test("a token that names no second is older than any logout", async () => {
  const { node } = world();
  const logouts = node();
  await logouts.end("auth_1");
  expect(await logouts.isEnded({ auth_identity_id: "auth_1" })).toBe(true);
});

test("without Valkey a node knows its own logouts, and says that it knows no others", async () => {
  const { node, goAway } = world();
  const [a, b] = [node(), node()];
  await a.end("auth_1");
  goAway();
  expect([await a.isEnded(madeAt(100)), await b.isEnded(madeAt(100))]).toEqual([true, "unknown"]);
  await expect(b.end("auth_1")).rejects.toThrow("away");
});

test("a bearer token is read, and nonsense is nobody's token", () => {
  const payload = Buffer.from(JSON.stringify(madeAt(7))).toString("base64url");
  expect(bearerClaims(`Bearer h.${payload}.s`)).toEqual(madeAt(7));
  expect(bearerClaims(`bearer  h.${payload}.`)).toEqual(madeAt(7));
  for (const text of [undefined, "", "Bearer", "Bearer x", "Bearer a.b.c", "Basic abc", "Bearer a.MQ.c"]) {
    expect(bearerClaims(text)).toBeUndefined();
  }
});

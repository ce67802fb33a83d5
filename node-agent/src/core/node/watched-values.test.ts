import { expect, test } from "vitest";
import { refusedAgain } from "./refused-values.ts";
import { changedNames, parseWatched, versionsOf } from "./watched-values.ts";

test("what changed is what has another version now, is gone or is new; what was not asked about has not changed", () => {
  const before = versionsOf(["a", "b", "c", "d", "e"], (name) => ({ a: "1", b: "1", c: "1", d: "" })[name] ?? "2");
  expect(changedNames(before, { a: "1", b: "2", c: "", d: "1" })).toEqual(["b", "c", "d"]);
});

test("a record of another form counts for nothing", () => {
  const watched = { version: 1, region: "eu-west-3", parameters: { a: "1" }, secrets: {} };
  expect(parseWatched(JSON.stringify(watched))).toEqual(watched);
  for (const odd of [undefined, "", "{", "[]", JSON.stringify({ ...watched, parameters: { a: 1 } })])
    expect(parseWatched(odd)).toBeUndefined();
});

test("the same values are refused for ever longer, a day at most; others begin anew", () => {
  const now = new Date("2026-05-02T00:00:00Z");
  const refusal = { seen: "x", what: "w", why: "y" };
  const pauses: number[] = [];
  let refused = refusedAgain(undefined, refusal, now);
  for (let turn = 0; turn < 9; turn += 1) {
    pauses.push((Date.parse(refused.retryAt) - now.getTime()) / 60_000);
    refused = refusedAgain(refused, refusal, now);
  }
  expect(pauses).toEqual([15, 30, 60, 120, 240, 480, 960, 1440, 1440]);
  expect(refusedAgain(refused, { ...refusal, seen: "z" }, now)).toMatchObject({ tries: 1 });
});

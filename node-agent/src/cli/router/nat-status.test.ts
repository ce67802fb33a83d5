import { expect, test } from "vitest";
import type { RouterStatus } from "../../core/router/status.ts";
import { type StatusView, statusLines } from "./nat-status.ts";

const PAIR: RouterStatus = {
  zones: [{ name: "eu-west-3a", isServed: true, owner: "this router" }],
  probe: { isProven: true, ms: 3 },
  drain: "no",
  event: "started",
  since: "2026-01-01T00:00:00.000Z",
  written: "2026-01-01T00:00:10.000Z",
};
const VIEW: StatusView = {
  drift: [],
  flows: { now: 1, max: 2, insertFailed: 0, earlyDropped: 0 } as StatusView["flows"],
  usage: { zones: [], ports: [], allowances: {} },
  talkers: { clients: [], destinations: [], refused: [] },
  pair: PAIR,
  stale: undefined,
  warnings: [],
};
const signedLines = (signatures: RouterStatus["signatures"]) =>
  statusLines({ ...VIEW, pair: signatures === undefined ? PAIR : { ...PAIR, signatures } }).filter((line) =>
    line.startsWith("signed "),
  );

test.each<[string, NonNullable<RouterStatus["signatures"]>, string]>([
  ["both sign", { state: "both" }, "signed   heartbeats are signed"],
  [
    "the other one does not",
    { state: "own" },
    "signed   the other router's heartbeats are not signed: an older version, or without the key",
  ],
  [
    "this one cannot",
    { state: "none", why: "AccessDenied" },
    "signed   no key for heartbeats yet (AccessDenied): this zone is served, the other is not taken over",
  ],
])("whether heartbeats are signed is said where %s", (_, signatures, line) => {
  expect(signedLines(signatures)).toEqual([line]);
});

test("a router that stands alone, or of before there were keys, says nothing of them", () => {
  expect(signedLines(undefined)).toEqual([]);
});

test("what is missing is a warning, and a daemon that hangs is told before what it said", () => {
  const lines = statusLines({ ...VIEW, stale: 6_400, warnings: ["tc is not installed"] });
  expect(lines.at(-1)).toBe("warning  tc is not installed");
  expect(lines.findIndex((line) => line.startsWith("serve    hangs"))).toBeLessThan(
    lines.findIndex((line) => line.startsWith("zone ")),
  );
});

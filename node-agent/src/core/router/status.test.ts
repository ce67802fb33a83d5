import { expect, test } from "vitest";
import { parseRouterStatus, type RouterStatus, staleMs } from "./status.ts";

const status: RouterStatus = {
  zones: [{ name: "eu-west-3a", isServed: true, owner: "this router" }],
  probe: { isProven: true, ms: 3 },
  peer: { state: "proven" },
  drain: "no",
  event: "started",
  since: "2026-01-01T00:00:00.000Z",
  written: "2026-01-01T00:00:10.000Z",
};
const at = (second: number) => new Date(Date.UTC(2026, 0, 1, 0, 0, second));

test("a status is read whole or not at all", () => {
  expect(parseRouterStatus(JSON.stringify(status))).toEqual(status);
  for (const text of ["", "{}", "null", JSON.stringify({ ...status, zones: [{}] })]) {
    expect(parseRouterStatus(text)).toBeUndefined();
  }
});

test("one that nobody has written for seconds, or that is of the future, is not true any more", () => {
  expect(staleMs(status, at(10))).toBeUndefined();
  expect(staleMs(status, at(15))).toBeUndefined();
  expect(staleMs(status, at(16))).toBe(6_000);
  expect(staleMs(status, at(0))).toBe(10_000);
});

test("a status of before the names changed is read under the new ones", () => {
  const failover = { decided: "2026-01-01T00:00:00.000Z", ms: 900, why: "silent" };
  const older = {
    ...status,
    probe: { isProven: false, ms: 3, why: "192.0.2.1: no answer" },
    peer: { state: "heard", why: "no way through it" },
    takeover: failover,
  };
  expect(parseRouterStatus(JSON.stringify(older))).toEqual({
    ...status,
    probe: { isProven: false, ms: 3, why: "192.0.2.1: no answer" },
    peer: { state: "heard", why: "no way through it" },
    failover,
  });
});

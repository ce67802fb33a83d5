import { expect, test } from "vitest";
import { bootEntry, type HistoryEntry, historyText, parseHistory, withEntry } from "./history.ts";
import { bootingStatus, finishedStatus, type Status } from "./status.ts";

const AT = new Date("2026-05-02T10:20:30Z");
const booting = (release?: string): Status => ({
  ...bootingStatus(undefined, { agent: "1", at: AT }),
  ...(release === undefined ? {} : { release }),
});

function ended(release: string, operations: number, failed = false): Status {
  const reason = { code: "stack.unhealthy", what: "stack: web is not healthy", why: "it ended with code 1" };
  return finishedStatus(booting(), {
    verdict: failed ? "failed" : "ready",
    ...(failed ? { reason } : {}),
    results: [{ phase: "stack", ms: 1, operations }],
    release,
    at: AT,
  });
}

test("a boot that found everything as it should be is no entry", () => {
  expect(bootEntry(booting("one"), ended("one", 0), { by: "ada" })).toBeUndefined();
});

test("a boot that changed something is one, and a move to another release is a deploy", () => {
  expect(bootEntry(booting("one"), ended("one", 2), {})).toEqual({
    at: "2026-05-02T10:20:30.000Z",
    what: "boot",
    from: "one",
    to: "one",
    result: "ready",
    operations: 2,
  });
  expect(bootEntry(booting("one"), ended("two", 0), { by: "ada" })).toMatchObject({
    what: "deploy",
    by: "ada",
    to: "two",
  });
  expect(bootEntry(booting(), ended("one", 3), {})).toMatchObject({ what: "boot", to: "one" });
});

test("a failure is told with its code, whatever it changed, and so is a boot that was interrupted before", () => {
  expect(bootEntry(booting("one"), ended("one", 0, true), {})).toMatchObject({
    result: "failed",
    code: "stack.unhealthy",
    why: "stack: web is not healthy: it ended with code 1",
  });
  const interrupted = { ...booting("one"), interrupted: { started: AT.toISOString() } };
  expect(bootEntry(interrupted, ended("one", 0), {})).toMatchObject({ what: "boot", operations: 0 });
});

const entry = (id: number): HistoryEntry => ({
  at: AT.toISOString(),
  what: "boot",
  to: `r${id}`,
  result: "ready",
  operations: 1,
});

test("entries are kept in order, damaged lines and the oldest of too many are not", () => {
  const text = `${JSON.stringify(entry(1))}\nhalf a li`;
  expect(parseHistory(withEntry(text, entry(2))).map(({ to }) => to)).toEqual(["r1", "r2"]);
  let many: string | undefined;
  for (let id = 0; id < 503; id += 1) many = withEntry(many, entry(id));
  expect(parseHistory(many).map(({ to }) => to)).toEqual(Array.from({ length: 500 }, (_, index) => `r${index + 3}`));
});

test("people read the newest first, with what ran before", () => {
  const deploy: HistoryEntry = {
    ...entry(2),
    what: "deploy",
    by: "ada",
    from: "r1",
    result: "failed",
    code: "pull.missing",
    why: "gone",
  };
  expect(historyText([entry(1), deploy]).split("\n")).toEqual([
    "2026-05-02 10:20:30  deploy    failed    ada       r1 -> r2  1 operations  (pull.missing: gone)",
    "2026-05-02 10:20:30  boot      ready     -         r1  1 operations",
  ]);
  expect(historyText([])).toBe("nothing has changed this node so far");
});

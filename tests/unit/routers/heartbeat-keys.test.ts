import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { TemporaryError } from "../../../node-agent/src/base/errors.ts";
import { filesBelow } from "../../../node-agent/src/base/files.ts";
import { HEARTBEAT_KEYS_PATH } from "../../../node-agent/src/base/paths.ts";
import type { Clock } from "../../../node-agent/src/base/wait.ts";
import { KEYS_RECORD } from "../../../node-agent/src/core/router/failover/heartbeat-keys.ts";
import type { LeaseRecord, LeaseStore } from "../../../node-agent/src/core/router/failover/lease.ts";
import { HeartbeatKeys } from "../../../node-agent/src/daemon/router/heartbeat-keys.ts";

const KEY = (digit: string) => digit.repeat(64);

/** The lease table of two routers. */
class Table implements LeaseStore {
  record: LeaseRecord | undefined;
  isAway = false;
  readonly asked: string[] = [];

  async read(name: string): Promise<LeaseRecord | undefined> {
    this.#answer(`read ${name}`);
    return this.record;
  }

  async write(name: string, next: LeaseRecord, expected: LeaseRecord | undefined): Promise<boolean> {
    this.#answer(`write ${name}`);
    if (this.record?.version !== expected?.version) return false;
    this.record = next;
    return true;
  }

  #answer(what: string): void {
    this.asked.push(what);
    if (this.isAway) throw new TemporaryError("no answer", { code: "engine.away", why: "it is away", fix: "wait" });
  }
}

function routerOf(store: LeaseStore, drawn: string) {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-keys-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  const files = filesBelow(root);
  let now = 0;
  const clock = { now: () => now } as Clock;
  const start = () => new HeartbeatKeys({ files, clock, store, newKey: () => drawn });
  return { files, start, keys: start(), wait: (ms: number) => void (now += ms) };
}

test("the first router draws a key, the other reads it, and both keep it where only they can read it", async () => {
  const table = new Table();
  const [one, two] = [routerOf(table, KEY("1")), routerOf(table, KEY("2"))];
  expect([one.keys.areKnown, one.keys.why]).toEqual([false, "not asked for yet"]);
  await one.keys.keep(false);
  await two.keys.keep(false);
  expect([one.keys.all, two.keys.all]).toEqual([[KEY("1")], [KEY("1")]]);
  expect([one.keys.why, await one.files.mode(HEARTBEAT_KEYS_PATH)]).toEqual([undefined, 0o600]);
  expect(table.asked).toEqual([`read ${KEYS_RECORD}`, `write ${KEYS_RECORD}`, `read ${KEYS_RECORD}`]);
});

test("two routers that draw at once end with one key", async () => {
  const table = new Table();
  const [one, two] = [routerOf(table, KEY("1")), routerOf(table, KEY("2"))];
  for (let second = 0; second < 2; second += 1) {
    await Promise.all([one.keys.keep(false), two.keys.keep(false)]);
    for (const { wait } of [one, two]) wait(1_000);
  }
  expect(two.keys.all).toEqual(one.keys.all);
  expect(one.keys.areKnown).toBe(true);
});

test("a store that is away is asked again, less and less often, and named; what was known stays known", async () => {
  const table = new Table();
  const { keys, start, wait } = routerOf(table, KEY("1"));
  table.isAway = true;
  for (let second = 0; second < 60; second += 1) {
    await keys.keep(false);
    wait(1_000);
  }
  expect([table.asked.length, keys.areKnown, keys.why]).toEqual([6, false, "no answer: it is away"]);
  table.isAway = false;
  wait(30_000);
  await keys.keep(false);
  expect([keys.all, keys.why]).toEqual([[KEY("1")], undefined]);
  table.isAway = true;
  const anew = start();
  await anew.load();
  await anew.keep(false);
  expect(anew.all).toEqual([KEY("1")]);
});

test("a rotated key is read within ten minutes, and at once but not always where a signature is unknown", async () => {
  const table = new Table();
  const { keys, wait } = routerOf(table, KEY("1"));
  await keys.keep(false);
  table.record = { holder: `${KEY("3")},${KEY("1")}`, version: "rotated" };
  wait(599_000);
  await keys.keep(false);
  expect(keys.all).toEqual([KEY("1")]);
  wait(1_000);
  await keys.keep(false);
  expect(keys.all).toEqual([KEY("3"), KEY("1")]);
  const asked = table.asked.length;
  for (let second = 0; second < 30; second += 1) {
    wait(1_000);
    await keys.keep(true);
  }
  expect(table.asked.length - asked).toBe(3);
});

test("a record that is lost or damaged is written anew with the key that both have", async () => {
  const table = new Table();
  const { keys, wait } = routerOf(table, KEY("1"));
  await keys.keep(false);
  for (const record of [undefined, { holder: "nobody", version: "damaged" }]) {
    table.record = record;
    wait(600_000);
    await keys.keep(false);
    expect(table.record?.holder).toBe(KEY("1"));
  }
});

test("a file that is cut short is no key", async () => {
  const { files, start } = routerOf(new Table(), KEY("1"));
  await files.write(HEARTBEAT_KEYS_PATH, "abc");
  const keys = start();
  await keys.load();
  expect(keys.areKnown).toBe(false);
});

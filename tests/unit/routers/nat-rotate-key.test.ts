import { expect, test } from "vitest";
import type { LogEvent } from "../../../node-agent/src/base/log.ts";
import { NODE_DOCUMENT_PATH } from "../../../node-agent/src/base/paths.ts";
import { natRotateKey } from "../../../node-agent/src/cli/router/nat-rotate-key.ts";
import { KEYS_RECORD, keysOf } from "../../../node-agent/src/core/router/failover/heartbeat-keys.ts";
import type { LeaseRecord, LeaseStore } from "../../../node-agent/src/core/router/failover/lease.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { memoryFiles } from "../../support/simulated/files.ts";

const KEY = (digit: string) => digit.repeat(64);
const ZONES = [
  { name: "eu-west-3a", sources: ["10.0.10.0/24"] },
  { name: "eu-west-3b", sources: ["10.0.11.0/24"] },
];
const PAIR = { vpc: ["10.0.0.0/16"], zones: ZONES, lease: "dynamodb:greenleaf-prod-router-lease" };

interface Scene {
  readonly record?: LeaseRecord;
  /** What another router writes between this one's read and its write. */
  readonly meanwhile?: LeaseRecord;
  readonly router?: object;
}

/** `nat rotate-key` on a router that draws 9s. */
async function rotated({ record, meanwhile, router = PAIR }: Scene) {
  const who = { version: 1, project: "greenleaf", environment: "prod", role: "router", parameters: "/greenleaf/prod" };
  const document = { ...who, release: "ssm:/greenleaf/prod/release", region: "eu-west-3", router };
  const table = new Map<string, LeaseRecord | undefined>([[KEYS_RECORD, record]]);
  const asked: string[] = [];
  const store: LeaseStore = {
    read: async (name) => {
      const found = table.get(name);
      if (meanwhile !== undefined) table.set(name, meanwhile);
      return found;
    },
    write: async (name, next, expected) => {
      if (table.get(name)?.version !== expected?.version) return false;
      table.set(name, next);
      return true;
    },
  };
  const world = {
    files: memoryFiles(new Map([[NODE_DOCUMENT_PATH, JSON.stringify(document)]])),
    newKey: () => KEY("9"),
    leases: (_place: unknown, lease: string) => (asked.push(lease), store),
  } as unknown as World;
  const events: LogEvent[] = [];
  const log = { emit: (event: LogEvent) => void events.push(event) };
  const ended = await natRotateKey({
    world,
    log,
    print: () => undefined,
    colour: false,
    options: {},
    positionals: [],
  }).catch((error: unknown) => error);
  return { ended, said: JSON.stringify(events), keys: keysOf(table.get(KEYS_RECORD)), asked };
}

test("a new key is written before the one of now, which counts until the next rotation", async () => {
  const record = { holder: `${KEY("1")},${KEY("2")}`, version: "before" };
  const { ended, said, keys, asked } = await rotated({ record });
  expect([ended, keys]).toEqual([0, [KEY("9"), KEY("1")]]);
  expect(asked).toEqual([PAIR.lease]);
  expect(said).toContain("the heartbeats' new key is written");
  expect(said).not.toContain(KEY("9"));
});

test("without a key yet it is the first", async () => {
  expect((await rotated({})).keys).toEqual([KEY("9")]);
});

test("of two routers that rotate at once the second one loses, and says so", async () => {
  const meanwhile = { holder: `${KEY("5")},${KEY("1")}`, version: "the other's" };
  const { ended, keys, said } = await rotated({ record: { holder: KEY("1"), version: "before" }, meanwhile });
  expect(ended).toMatchObject({ code: "nat.key-rotated", exitCode: 75 });
  expect([keys, said]).toEqual([[KEY("5"), KEY("1")], "[]"]);
});

test("a router that stands alone has no key to rotate", async () => {
  const { ended, asked } = await rotated({ router: { vpc: PAIR.vpc, zones: ZONES.slice(0, 1) } });
  expect(ended).toMatchObject({ code: "nat.no-key", exitCode: 78 });
  expect(asked).toEqual([]);
});

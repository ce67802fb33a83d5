import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { describeError, exitCodeOf } from "../../node-agent/src/base/errors.ts";
import { whyNoFront } from "../safe/front.ts";
import { prefixReaper } from "../support/reaper.ts";
import { type Load, startLoad } from "./load.ts";
import { newSmallShop, SECRET, type SmallShop } from "./small-shop.ts";
import { openEventStream, openWebSocket } from "./streams.ts";

const PROJECT = `gl-roll-${process.pid}`;
const reaper = prefixReaper(PROJECT);
const reason = await whyNoFront();

let shop: SmallShop;
let load: Load;
beforeAll(async () => {
  if (reason !== undefined) return;
  shop = await newSmallShop(PROJECT);
  await shop.apply({});
});
beforeEach(() => void (load = startLoad(shop.port)));
afterEach(async () => void (await load.stop()));
afterAll(async () => {
  await shop?.remove();
  await reaper.finish();
});

/** So many requests were sent, none failed; what is refused at once is asked for a while longer. */
async function expectNoneLost(): Promise<void> {
  await expect.poll(() => load.sent(), { timeout: 30_000 }).toBeGreaterThan(100);
  const sent = await load.stop();
  expect(load.failures).toEqual([]);
  expect(sent).toBeGreaterThan(100);
}

test.skipIf(reason)(
  `a new backend and a new storefront lose no request, and leave Caddy alone${reason ?? ""}`,
  async () => {
    const before = await shop.containers();
    const operations = await shop.apply({ backend: { VERSION: "two" }, storefront: { VERSION: "two" } });
    expect(
      operations.filter((operation) => /^(create|stop|rename)/.test(operation)).map((o) => o.split(" ")[0]),
    ).toEqual(["create", "stop", "rename", "create", "stop", "rename"]);
    await expectNoneLost();
    expect([...load.versions.keys()].sort()).toEqual([
      "backend one",
      "backend two",
      "storefront one",
      "storefront two",
    ]);
    const after = await shop.containers();
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    expect(after[`${PROJECT}-caddy-1`]).toBe(before[`${PROJECT}-caddy-1`]);
    expect(shop.askInside()).toBe("backend two 0");
    expect([shop.route("backend"), shop.route("storefront")]).toEqual(["backend", "storefront"]);
    expect(await shop.apply({ backend: { VERSION: "two" }, storefront: { VERSION: "two" } })).toEqual([]);
  },
);

test.skipIf(reason).each([
  ["crashes", { MODE: "crash" }, { code: 69, told: /backend: .*code 3.*\n.*\| no database at \[secret\]/s }],
  ["answers 503", { MODE: "sick" }, { code: 69, told: /backend: it is unhealthy/ }],
  ["becomes sick once it serves", { MODE: "late" }, { code: 69, told: /unhealthy under traffic/ }],
] as const)("a backend that %s never takes the old one away", async (_what, version, { code, told }) => {
  const before = await shop.containers();
  const error = await shop
    .apply({ backend: version, storefront: { VERSION: "two" } })
    .catch((failed: unknown) => failed);
  expect(exitCodeOf(error)).toBe(code);
  expect(describeError(error)).toMatch(told);
  expect(describeError(error)).toMatch(/the new backend was taken away again, and the old one goes on serving/);
  expect(describeError(error)).not.toContain(SECRET);
  expect(await shop.containers()).toEqual(before);
  expect(shop.route("backend")).toBe("backend");
  if (version.MODE !== "late") await expectNoneLost();
});

test.skipIf(reason)("what the engine refuses to start is a fault of the release, and the old one stays", async () => {
  const before = await shop.containers();
  const error = await shop.apply({ program: "/no/such/program" }).catch((failed: unknown) => failed);
  expect(exitCodeOf(error)).toBe(78);
  expect(describeError(error)).toMatch(/start container \S+backend-1 failed/);
  expect(await shop.containers()).toEqual(before);
  await expectNoneLost();
});

test.skipIf(reason)(
  "a held WebSocket and event stream live on after the flip; new ones go to the new backend",
  async () => {
    const both = () => Promise.all([openWebSocket(shop.port), openEventStream(shop.port)]);
    const held = await both();
    const moved = shop.apply({ backend: { VERSION: "streamed", grace: "20s" } });
    await expect.poll(() => load.versions.has("backend streamed"), { timeout: 60_000 }).toBe(true);
    const atFlip = held.map((stream) => stream.heard());
    // The old backend says something four times a second, until its grace period is over.
    await expect
      .poll(() => held.every((one, index) => one.heard() > (atFlip[index] ?? 0) + 8), { timeout: 15_000 })
      .toBe(true);
    const fresh = await both();
    expect(held.map((stream) => `${stream.kind} ${stream.isOpen()}`)).toEqual(["WebSocket true", "event stream true"]);
    expect(fresh.map(({ from }) => from)).toEqual(["backend streamed", "backend streamed"]);
    await moved;
    await expect.poll(() => held.map((stream) => stream.isOpen()), { timeout: 10_000 }).toEqual([false, false]);
    expect(fresh.map((stream) => stream.isOpen())).toEqual([true, true]);
    for (const stream of fresh) stream.close();
    await expectNoneLost();
  },
);

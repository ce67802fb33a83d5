import { parseEnv } from "node:util";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { systemClock } from "../../node-agent/src/base/clock.ts";
import {
  type Fault,
  type FaultProxy,
  HANGING_FAULTS,
  HARMLESS_ODDITIES,
  LASTING_BATCH_FAULTS,
  LASTING_FAULTS,
  PASSING_BATCH_FAULTS,
  PASSING_FAULTS,
  pagedSecrets,
  startFaultProxy,
} from "../support/aws-fault-proxy.ts";
import { leaksIn, newCanaries } from "../support/canaries.ts";
import {
  BATCHES,
  batchOf,
  CANARIES,
  type ConfigNode,
  fill,
  newConfigNode,
  type Ran,
  skippingClock,
  widestMode,
} from "../support/config-node.ts";
import { type FakeAws, startFakeAws } from "../support/fake-aws.ts";

const canaries = newCanaries(CANARIES);
const OLD = { "backend.env": "OLD=backend\n", "storefront.env": "OLD=storefront\n" };
let aws: FakeAws;
let proxy: FaultProxy;
let node: ConfigNode;

beforeAll(async () => {
  aws = await startFakeAws();
  fill(aws, canaries);
  proxy = await startFaultProxy(aws.url);
  node = await newConfigNode(proxy.url);
});

afterAll(async () => {
  await Promise.all([aws.close(), proxy.close(), node.remove()]);
});

/** Runs against old files with one batch spoiled for its first `times` requests. */
async function spoiledRun(
  batch: number,
  { fault, times }: { fault: Fault; times: number },
  budgetMs?: number,
): Promise<Ran> {
  for (const [name, text] of Object.entries(OLD)) await node.write(`run/greenleaf/${name}`, text);
  let left = times;
  proxy.choose = ({ body }) => (batchOf(body) === batch && left-- > 0 ? fault : undefined);
  proxy.reset();
  return node.run(budgetMs === undefined ? {} : { budgetMs });
}

/** Every batch, or those of secrets only. */
const batches = (from = 0): number[] => Array.from({ length: BATCHES - from }, (_, index) => from + index);

const SECRETS_FROM = 4;
const passing = [
  ...Object.entries(PASSING_FAULTS).flatMap(([name, fault]) => batches().map((batch) => ({ name, fault, batch }))),
  ...Object.entries(PASSING_BATCH_FAULTS).flatMap(([name, fault]) =>
    batches(SECRETS_FROM).map((batch) => ({ name, fault, batch })),
  ),
];
const lasting = [
  ...Object.entries(LASTING_FAULTS).flatMap(([name, of]) =>
    batches().map((batch) => ({ name, fault: of.fault, exitCode: of.exitCode, batch })),
  ),
  ...Object.entries(LASTING_BATCH_FAULTS).flatMap(([name, of]) =>
    batches(SECRETS_FROM).map((batch) => ({ name, fault: of.fault, exitCode: of.exitCode, batch })),
  ),
];
const harmless = Object.entries({ ...HARMLESS_ODDITIES }).flatMap(([name, fault]) =>
  batches().map((batch) => ({ name, fault, batch })),
);

async function expectWhole(ran: Ran): Promise<void> {
  const files = await node.files();
  const values = Object.values({ ...parseEnv(files["backend.env"]!), ...parseEnv(files["storefront.env"]!) }).join(
    "\n",
  );
  const lost = canaries.filter(({ core }) => !values.includes(core) && !Buffer.from(values).includes(core));
  expect({ exitCode: ran.exitCode, lost: lost.length - inBase64(files) }).toEqual({ exitCode: 0, lost: 0 });
  await expectTidy(ran);
}

/** Values that the node reader gets as base64. */
const inBase64 = (files: Readonly<Record<string, string>>): number =>
  (files["storefront.env"]!.match(/^\w+_B64=/gm) ?? []).length;

async function expectUntouched(ran: Ran, exitCode: number): Promise<void> {
  expect({
    exitCode: ran.exitCode,
    files: await node.files(),
    told: ran.exitCode === exitCode ? "" : ran.told,
  }).toEqual({ exitCode, files: OLD, told: "" });
  await expectTidy(ran);
}

async function expectTidy({ told }: Ran): Promise<void> {
  expect(leaksIn(told, canaries)).toEqual([]);
  expect(await widestMode(node)).toBe(0o600);
  expect((await node.names()).filter((name) => name.includes("tmp"))).toEqual([]);
}

test("without a fault everything is fetched in the least number of requests", async () => {
  await expectWhole(await spoiledRun(-1, { fault: () => undefined, times: 0 }));
  expect(proxy.seen).toHaveLength(BATCHES);
});

describe.each(passing)("$name, batch $batch", ({ fault, batch }) => {
  test("once or three times: retried to the whole truth", async () => {
    for (const times of [1, 3]) await expectWhole(await spoiledRun(batch, { fault, times }));
    expect(proxy.seen.length).toBeGreaterThanOrEqual(BATCHES + 3);
  });

  test("for ever: exit 75 with the last answer and the names, and the old files stay", async () => {
    const ran = await spoiledRun(batch, { fault, times: Infinity });
    await expectUntouched(ran, 75);
    const { problems, why } = ran.error as { problems: string[]; why: string };
    expect(problems.length).toBeGreaterThan(0);
    expect(
      problems.every((name) => batchOf({ [batch < SECRETS_FROM ? "Names" : "SecretIdList"]: [name] }) === batch),
    ).toBe(true);
    expect(why).toMatch(/^last answer of \d+: (ssm|secretsmanager):/);
  });
});

describe.each(lasting)("$name, batch $batch", ({ fault, batch, exitCode }) => {
  test("is not retried, names the action, and the old files stay", async () => {
    const ran = await spoiledRun(batch, { fault, times: Infinity });
    await expectUntouched(ran, exitCode);
    expect(ran.told).toMatch(
      /error: (ssm|secretsmanager):\w+ was (denied|refused)|error: fetch: \d+ of \d+ values are missing/,
    );
    expect(proxy.seen.filter(({ body }) => batchOf(body) === batch)).toHaveLength(1);
  });
});

describe.each(harmless)("$name, batch $batch", ({ fault, batch }) => {
  test("changes nothing", async () => expectWhole(await spoiledRun(batch, { fault, times: Infinity })));
});

test("pages of secrets are followed to the end, empty ones too", async () => {
  const fault = pagedSecrets();
  for (const batch of batches(SECRETS_FROM)) await expectWhole(await spoiledRun(batch, { fault, times: Infinity }));
});

test.each(Object.entries(HANGING_FAULTS))("%s: once, the attempt ends and the next one serves", async (_, fault) => {
  await expectWhole(await spoiledRun(0, { fault, times: 1 }, 3_000));
});

test.each(Object.entries(HANGING_FAULTS))("%s for ever: exit 75 when the budget is spent", async (_, fault) => {
  proxy.choose = () => fault;
  for (const [name, text] of Object.entries(OLD)) await node.write(`run/greenleaf/${name}`, text);
  const ran = await node.run({
    budgetMs: 900,
    clock: systemClock,
  });
  await expectUntouched(ran, 75);
});

test("every missing name is told in one message, with what needs it", async () => {
  const hidden = ["/greenleaf/test/p03", "/greenleaf/test/p36"].map(
    (name) => [name, aws.parameters.get(name)!] as const,
  );
  for (const [name] of hidden) aws.parameters.delete(name);
  const secret = aws.secrets.get("greenleaf/test/s24")!;
  aws.secrets.set("greenleaf/test/s24", JSON.stringify({ m0: "x", m1: null }));
  const ran = await spoiledRun(-1, { fault: () => undefined, times: 0 });
  for (const [name, stored] of hidden) aws.parameters.set(name, stored);
  aws.secrets.set("greenleaf/test/s24", secret);
  await expectUntouched(ran, 78);
  expect((ran.error as { problems: string[] }).problems).toEqual([
    "/greenleaf/test/p03: needed by P03 at backend.env.hbs:5:5",
    "/greenleaf/test/p36: needed by P36 at backend.env.hbs:38:5",
    ...[1, 2, 3, 4, 5, 6, 7].map(
      (member) =>
        `greenleaf/test/s24#m${member} (the secret has no "m${member}"): needed by S24_${member} at storefront.env.hbs:${194 + member}:7`,
    ),
  ]);
});

test("a clock that is a day off still signs: the server's Date is taken", async () => {
  for (const clockAheadMs of [86_400_000, -86_400_000]) {
    aws.clockAheadMs = clockAheadMs;
    await expectWhole(await spoiledRun(-1, { fault: () => undefined, times: 0 }));
  }
  aws.clockAheadMs = 0;
});

test("nothing listens: exit 75 and the reason of the system", async () => {
  const lonely = await newConfigNode("http://127.0.0.1:9");
  const ran = await lonely.run();
  await lonely.remove();
  expect(ran.exitCode).toBe(75);
  expect((ran.error as { why: string }).why).toContain("ECONNREFUSED");
});

test("retries spread out by full jitter and keep to one budget", async () => {
  const clock = skippingClock();
  for (const [name, text] of Object.entries(OLD)) await node.write(`run/greenleaf/${name}`, text);
  proxy.choose = () => PASSING_FAULTS.throttled;
  const ran = await node.run({ clock });
  expect(ran.exitCode).toBe(75);
  expect(ran.told).toContain("fetch: 62 names could not be read within 30 s");
  // Six batches sleep side by side on one counting clock; what a busy machine took itself is part of the budget.
  expect(clock.sleptMs()).toBeGreaterThan(15_000);
});

test("a herd of 20 nodes against a limit of 40 calls a second: every one comes through", async () => {
  const limit = 40;
  let [tokens, filled] = [limit, performance.now()];
  proxy.choose = () => {
    tokens = Math.min(limit, tokens + ((performance.now() - filled) / 1000) * limit);
    filled = performance.now();
    if (tokens < 1) return PASSING_FAULTS.throttled;
    tokens -= 1;
    return undefined;
  };
  proxy.reset();
  const herd = await Promise.all(Array.from({ length: 20 }, () => newConfigNode(proxy.url)));
  const ran = await Promise.all(herd.map((one) => one.run({ clock: systemClock })));
  await Promise.all(herd.map((one) => one.remove()));
  expect(ran.map(({ exitCode }) => exitCode)).toEqual(herd.map(() => 0));
  expect(proxy.seen.length / (herd.length * BATCHES)).toBeLessThan(4);
});

describe("when AWS cannot be reached and an earlier set is whole", () => {
  const allThrottled = () => PASSING_FAULTS.throttled;

  test("the boot goes on with it, degraded, and nothing is written", async () => {
    await spoiledRun(-1, { fault: () => undefined, times: 0 });
    const before = await node.files();
    proxy.choose = allThrottled;
    const ran = await node.run();
    expect({ exitCode: ran.exitCode, operations: ran.boot.operations, files: await node.files() }).toEqual({
      exitCode: 2,
      operations: [],
      files: before,
    });
    expect(ran.boot.degraded).toMatch(
      /^AWS gave no answer \(.*ThrottlingException.*\); the environment of \d{4}-.*Z is kept$/,
    );
    await expectTidy(ran);
  });

  test.each([
    ["was changed", () => node.write("run/greenleaf/backend.env", "A=1\n")],
    ["is of other templates", async () => undefined],
    ["has no record", () => node.write("run/greenleaf/rendered.json", "{")],
  ])("it is refused when it %s", async (name, spoil) => {
    await spoiledRun(-1, { fault: () => undefined, times: 0 });
    await spoil();
    proxy.choose = allThrottled;
    const templates = name.includes("templates")
      ? new Map([["backend.env.hbs", '# greenleaf: reader=compose\nA={{ssm "p00"}}']])
      : undefined;
    expect((await node.run(templates === undefined ? {} : { templates })).exitCode).toBe(75);
  });

  test("it is never taken after a denial or for a missing name", async () => {
    await spoiledRun(-1, { fault: () => undefined, times: 0 });
    proxy.choose = () => LASTING_FAULTS["access denied"]!.fault;
    expect((await node.run()).exitCode).toBe(77);
  });
});

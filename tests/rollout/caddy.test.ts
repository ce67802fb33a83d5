import { afterAll, beforeAll, expect, test } from "vitest";
import { iptables } from "../../node-agent/src/adapters/kernel/iptables.ts";
import { describeError, EngineGone, exitCodeOf } from "../../node-agent/src/base/errors.ts";
import { exec } from "../../node-agent/src/base/exec.ts";
import { whyNoFront } from "../safe/front.ts";
import { prefixReaper } from "../support/reaper.ts";
import { askFromBeside, askFromInside, askFromOutside } from "./asking.ts";
import { type Load, startLoad } from "./load.ts";
import { newOutside } from "./outside.ts";
import { newSmallShop, type SmallShop } from "./small-shop.ts";

const PROJECT = `gl-front-${process.pid}`;
const CADDY = `${PROJECT}-caddy-1`;
const reaper = prefixReaper(PROJECT);
const reason = await whyNoFront();

let shop: SmallShop;
beforeAll(async () => {
  if (reason !== undefined) return;
  shop = await newSmallShop(PROJECT);
  await shop.apply({});
});
afterAll(async () => {
  await shop?.remove();
  await reaper.finish();
});

/** Our rules in the kernel: none while nothing is replaced. */
const rules = async (): Promise<string[]> => {
  const text = (await iptables(exec).save("ipv4")) ?? "";
  return text.split("\n").filter((rule) => rule.includes(`greenleaf: ${PROJECT}/`));
};
const verbs = (operations: readonly string[]): string[] =>
  operations.map((operation) => operation.split(" ").slice(0, 2).join(" "));

test.skipIf(reason !== undefined)(
  "a suite that is ended in the middle leaves no rule, and takes none of another's",
  async () => {
    const kernel = iptables(exec);
    const [own, other] = [`gl-left-${process.pid}`, `gl-left-${process.pid}0`];
    const rule = (project: string) =>
      `OUTPUT -d 127.0.0.9/32 -p tcp -m tcp --dport 9 -m comment --comment "greenleaf: ${project}/caddy is served by abc" -j DNAT --to-destination :10`;
    const change = (verb: string, project: string) =>
      kernel.restore("ipv4", `*nat\n${verb} ${rule(project)}\nCOMMIT\n`);
    for (const project of [own, other]) await change("-A", project);
    await prefixReaper(own).finish();
    const left = (await kernel.save("ipv4")) ?? "";
    await change("-D", other);
    expect([own, other].map((project) => left.includes(`greenleaf: ${project}/`))).toEqual([false, true]);
  },
);

/** What a deed does under load; everything that was asked meanwhile was answered. */
async function withoutLoss<Value>(deed: (load: Load) => Promise<Value>): Promise<Value> {
  const load = startLoad(shop.port);
  try {
    const value = await deed(load);
    await expect.poll(() => load.sent(), { timeout: 30_000 }).toBeGreaterThan(200);
    return value;
  } finally {
    await load.stop();
    expect(load.failures).toEqual([]);
  }
}

test.skipIf(reason)(
  `Caddy itself is replaced again and again, and no request is lost, of customers or of the storefront${reason ?? ""}`,
  async () => {
    const before = await shop.containers();
    const inside = askFromInside(`${PROJECT}-storefront-1`);
    const ways = await withoutLoss(async () => {
      const found: string[][] = [];
      for (const VERSION of ["one", "two", "three"]) found.push(await shop.apply({ caddy: { VERSION } }));
      return found;
    });
    const comes = ["create container", "start container", "route service", "watch container"];
    const goes = ["drain container", "stop container", "remove container"];
    for (const way of ways) expect(verbs(way)).toEqual([...comes, ...goes, ...comes, ...goes, "route service"]);
    const { sent, failures } = await inside.stop();
    expect(failures).toEqual([]);
    expect(sent).toBeGreaterThan(50);
    const after = await shop.containers();
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    expect(after[CADDY]).not.toBe(before[CADDY]);
    expect([await rules(), shop.route("caddy")]).toEqual([[], "caddy"]);
    expect(await shop.apply({ caddy: { VERSION: "three" } })).toEqual([]);
  },
);

test.skipIf(reason)(
  "a Caddy that does not start is taken away again, and the old one serves all the while",
  async () => {
    const before = await shop.containers();
    const error = await withoutLoss(() =>
      shop.apply({ caddy: { LOOK_TIMEOUT: "no-duration" } }).catch((failed: unknown) => failed),
    );
    expect(exitCodeOf(error)).toBe(69);
    expect(describeError(error)).toMatch(/the new caddy was taken away again, and the old one goes on serving/);
    expect([await shop.containers(), await rules(), shop.route("caddy")]).toEqual([before, [], "caddy"]);
  },
);

test.skipIf(reason).each([
  ["before the old one goes", /^stop container .*caddy/, 1],
  ["before the one that stays is started", /^start container .*caddy/, 2],
  ["before that one has its port", /^route service caddy/, 2],
] as const)("a replacement that is cut off %s is ended by the next look", async (when, step, time) => {
  let met = 0;
  await withoutLoss(() =>
    shop.apply({ caddy: { VERSION: when } }, (operation) => {
      if (!step.test(operation)) return;
      met += 1;
      // As if the engine were gone: nothing is taken back, and what there is is looked at anew.
      if (met === time) throw new EngineGone("the engine is gone", { code: "program.failed", why: "cut off", fix: "" });
    }),
  );
  expect(met).toBeGreaterThanOrEqual(time);
  expect([await rules(), shop.route("caddy")]).toEqual([[], "caddy"]);
  expect(Object.keys(await shop.containers()).filter((name) => name.includes("caddy"))).toEqual([CADDY]);
  expect(await shop.apply({ caddy: { VERSION: when } })).toEqual([]);
});

test.skipIf(reason)("other machines and other containers of this one lose nothing either", async () => {
  const outside = await newOutside(PROJECT);
  const open = await newSmallShop(`${PROJECT}-open`, "0.0.0.0");
  try {
    await open.apply({});
    const far = askFromOutside(outside.name, outside.host, open.port);
    const beside = askFromBeside(`${PROJECT}-beside`, open.port);
    for (const VERSION of ["one", "two"]) await open.apply({ caddy: { VERSION } });
    const came = await Promise.all([far.stop(), beside.stop()]);
    expect(came.map(({ failures }) => failures)).toEqual([[], []]);
    for (const { sent } of came) expect(sent).toBeGreaterThan(50);
  } finally {
    await open.remove();
    await outside.remove();
  }
});

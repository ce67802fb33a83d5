import { HOME_ONLY, type RouterState, routerOf } from "../core/nat/config.ts";
import type { NatOperation } from "../core/nat/operation.ts";
import { BEFORE_PATH, persistedFiles, STATE_PATH } from "../core/nat/persistence.ts";
import { type NatObserved, type NatPlan, planNat, sysctlNames } from "../core/nat/plan.ts";
import { done, notYet, until } from "../core/retry.ts";
import type { RouterDocument } from "../core/router-document.ts";
import type { World } from "../world.ts";
import { readDocument } from "./identify.ts";
import { withNatLock } from "./nat-lock.ts";
import { type Boot, type Phase, perform } from "./phase.ts";

/** A hot-plugged interface appears within seconds; a minute is the limit of patience. */
export const INTERFACE_WAIT_MS = 60_000;

/** Rules first, forwarding last; asks neither AWS nor IMDS, so that a rebooted router forwards without them. */
export const nat: Phase = {
  name: "nat",
  async run(boot) {
    const { world } = boot;
    const router = routerOf(await readDocument(world));
    const state = await readState(world);
    // The rules need no interface, so they stand while it is awaited.
    let plan = await converge(boot, router, state);
    if ("missing" in plan.egress && boot.mode === "apply") {
      await awaitInterface(boot, router, state);
      plan = await converge(boot, router, state);
    }
    const egress = "device" in plan.egress ? `by ${plan.egress.device}` : plan.egress.missing;
    return [egress, ...plan.notes].join("; ");
  },
};

async function converge(boot: Boot, router: RouterDocument, state: RouterState): Promise<NatPlan> {
  const { world, mode } = boot;
  const work = async () => {
    const plan = planNat(router, state, await observe(world, router));
    await perform(boot, "nat", plan.operations, (operation) => execute(world, operation));
    return plan;
  };
  return mode === "plan" ? work() : withNatLock(world, work);
}

async function awaitInterface({ world }: Boot, router: RouterDocument, state: RouterState): Promise<void> {
  const wait = {
    what: "the interface that packets leave by",
    withinMs: INTERFACE_WAIT_MS,
    everyMs: 200,
    growth: 1.5,
    maxMs: 1_000,
    fix: "attach the fixed interface of this zone (greenleaf-agent boot does), or correct its MAC in the node document",
  };
  await until(world.clock, wait, async () => {
    const { egress } = planNat(router, state, await observe(world, router));
    return "missing" in egress ? notYet(egress.missing) : done(egress.device);
  });
}

/** What the resident agent decided since boot; without one a router serves its own zone. */
export async function readState({ files }: World): Promise<RouterState> {
  const text = await files.read(STATE_PATH);
  return text === undefined ? HOME_ONLY : (JSON.parse(text) as RouterState);
}

export async function observe(world: World, router: RouterDocument): Promise<NatObserved> {
  const [network, ipv4, ipv6, programs] = await Promise.all([
    world.links.observe(),
    world.iptables.save("ipv4"),
    world.iptables.save("ipv6"),
    world.iptables.programs(),
  ]);
  const memoryBytes = world.sysctl.memoryBytes();
  const paths = [...persistedFiles(router, memoryBytes, programs).map(({ path }) => path), STATE_PATH, BEFORE_PATH];
  const files = await Promise.all(paths.map(async (path) => [path, await world.files.read(path)] as const));
  return {
    dumps: { ipv4: ipv4 ?? "", ...(ipv6 === undefined ? {} : { ipv6 }) },
    sysctls: await world.sysctl.read(sysctlNames(router, network)),
    network,
    memoryBytes,
    programs,
    files: new Map(files.flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const]))),
  };
}

export async function execute(world: World, operation: NatOperation): Promise<void> {
  switch (operation.kind) {
    case "restore":
      return world.iptables.restore(operation.family, operation.text);
    case "delete-table":
      return world.iptables.deleteTable(operation.family, operation.table);
    case "sysctl":
      return world.sysctl.write(operation.sysctl, operation.value);
    case "ip":
      return world.links.ip(operation.args);
    case "write":
      return void (await world.files.write(operation.path, operation.content, { mode: operation.mode }));
    case "remove":
      return world.files.remove(operation.path);
    case "forget-untranslated":
      return void (await world.conntrack.forgetUntranslated(operation.sources));
  }
}

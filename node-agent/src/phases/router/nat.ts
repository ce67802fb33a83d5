import { PRIOR_STATE_COPY_PATH, PRIOR_STATE_PATH, ROUTER_STATE_PATH } from "../../base/paths.ts";
import { done, pending, until } from "../../base/wait.ts";
import type { RouterDocument } from "../../core/router/document.ts";
import { HOME_ONLY, parseRouterState, type RouterState, routerOf } from "../../core/router/nat/config.ts";
import type { NatOperation } from "../../core/router/nat/operation.ts";
import { persistedFiles } from "../../core/router/nat/persistence.ts";
import { type NatObserved, type NatPlan, planNat, sysctlNames } from "../../core/router/nat/plan.ts";
import type { World } from "../../world.ts";
import { readDocument } from "../boot/identify.ts";
import { applyOperations, type Boot, type Phase } from "../phase.ts";
import { withNatLock } from "./nat-lock.ts";

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
    await applyOperations(boot, "nat", plan.operations, (operation) => execute(world, operation));
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
    return "missing" in egress ? pending(egress.missing) : done(egress.device);
  });
}

/** What the daemon decided since boot; without one a router serves its own zone. */
export async function readState({ files }: World): Promise<RouterState> {
  // What nobody can read is no state: a router that has just started serves its own zone.
  return parseRouterState((await files.read(ROUTER_STATE_PATH)) ?? "") ?? HOME_ONLY;
}

export async function observe(world: World, router: RouterDocument): Promise<NatObserved> {
  const [network, ipv4, ipv6, programs, blocking, hasLateTable] = await Promise.all([
    world.links.observe(),
    world.iptables.save("ipv4"),
    world.iptables.save("ipv6"),
    world.iptables.programs(),
    world.iptables.blocking(),
    world.lateFlows.stands(),
  ]);
  const memoryBytes = world.sysctl.memoryBytes();
  const paths = [
    ...persistedFiles(router, memoryBytes, programs).map(({ path }) => path),
    ROUTER_STATE_PATH,
    PRIOR_STATE_PATH,
    PRIOR_STATE_COPY_PATH,
  ];
  const files = await Promise.all(paths.map(async (path) => [path, await world.files.read(path)] as const));
  const found = new Map(files.flatMap(([path, text]) => (text === undefined ? [] : [[path, text] as const])));
  return {
    dumps: { ipv4: ipv4 ?? "", ...(ipv6 === undefined ? {} : { ipv6 }) },
    sysctls: await world.sysctl.read(sysctlNames(router, { network, files: found })),
    network,
    blocking,
    hasLateTable,
    barriers: await world.barriers.observe(network.links.map(({ name }) => name).filter(isReal)),
    memoryBytes,
    programs,
    files: found,
  };
}

// Ours carry nothing out of the machine.
const isReal = (device: string): boolean => device !== "lo" && !device.startsWith("gl-");

/** Writers that were killed leave files beside those that they wrote. */
export async function sweepRouterFiles(world: World, router: RouterDocument): Promise<void> {
  const programs = { ipv4Restore: "", ipv6Restore: "" };
  const paths = [...persistedFiles(router, 0, programs).map(({ path }) => path), ROUTER_STATE_PATH, PRIOR_STATE_PATH];
  for (const folder of new Set(paths.map((path) => path.slice(0, path.lastIndexOf("/")))))
    await world.files.sweep(folder);
}

export async function execute(world: World, operation: NatOperation): Promise<void> {
  switch (operation.kind) {
    case "restore":
      return world.iptables.restore(operation.family, operation.text);
    case "barrier":
      return world.barriers.put(operation.device, operation.program);
    case "barrier-removal":
      return world.barriers.remove(operation.device, operation.withHook);
    case "delete-table":
      return world.iptables.deleteTable(operation.family, operation.table);
    case "late-flows":
      return world.lateFlows.put(operation.text);
    case "late-flows-removal":
      return world.lateFlows.remove();
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

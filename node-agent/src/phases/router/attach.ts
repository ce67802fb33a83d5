import { until } from "../../base/wait.ts";
import { routerOf } from "../../core/router/nat/config.ts";
import { identify, readDocument } from "../boot/identify.ts";
import { applyOperations, type Boot, learn, type Phase } from "../phase.ts";
import type { Identified } from "../stages.ts";

/**
 * Gives a new instance the fixed interface of its zone: the only call to AWS before NAT stands. An instance that has
 * the interface already, as after a reboot, makes none.
 */
export const attach: Phase = {
  name: "attach",
  async run(boot) {
    const { world } = boot;
    const [home] = routerOf(await readDocument(world)).zones;
    if (home?.interface === undefined || home.mac === undefined) return "no fixed interface is named";
    const { links } = await world.links.observe();
    if (links.some(({ mac }) => mac === home.mac)) return "the fixed interface is there";
    const { learned } = learn(boot, await identify.run(boot));
    await attachInterface(boot, learned, home.interface);
    return undefined;
  },
};

async function attachInterface(boot: Boot, { node }: Identified, interfaceId: string): Promise<void> {
  const { document, region, instance } = node;
  if (instance === undefined) return;
  const api = boot.world.ec2({ region, endpoints: document.endpoints }, ATTACH_WAIT_MS);
  const why = "no interface of this machine has its MAC";
  // The check first: an interface that is attached with it on would take packets and drop them.
  await applyOperations(
    boot,
    "attach",
    [{ name: `disable source check of ${interfaceId}`, why: "packets of others pass it" }],
    () => api.disableSourceCheck(interfaceId),
  );
  const wait = {
    what: `the interface ${interfaceId} to be free`,
    withinMs: ATTACH_WAIT_MS,
    everyMs: 500,
    growth: 1.5,
    maxMs: 3_000,
    fix: "detach it from the instance that has it, or end that instance",
  };
  await applyOperations(boot, "attach", [{ name: `attach ${interfaceId} to ${instance.id}`, why }], () =>
    until(boot.world.clock, wait, () => api.attachInterface(interfaceId, instance.id)),
  );
}

/** The interface is still held by the instance that is being replaced, which may take a minute to let go. */
const ATTACH_WAIT_MS = 120_000;

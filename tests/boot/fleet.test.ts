import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { applyState, leakedPackets, parkInterface } from "../../scripts/lab/fabric.ts";
import { nodeDocument } from "../../scripts/lab/node-documents.ts";
import { skipReason } from "../nat/lab.ts";
import { Customers, visit } from "./customers.ts";
import { goldenDisk } from "./golden-disk.ts";
import { goldenImage, goldenRouterImage, instancesMissing } from "./machine-images.ts";
import { booted, type FleetNode, newNode, reached } from "./node.ts";
import { AWS_URL, openVpc, PAYMENTS, REGISTRY, type Vpc } from "./vpc.ts";
import { bootWorld, ENVIRONMENT, type World } from "./world.ts";

const missing = instancesMissing() ?? skipReason();
const why = missing === undefined ? "" : ` (skipped: ${missing})`;
const HEALTHY_MS = 300_000;

describe.skipIf(missing !== undefined)(`two app nodes and two routers in a VPC${why}`, () => {
  let world: World;
  let vpc: Vpc;
  let routers: readonly FleetNode[] = [];
  let nodes: readonly FleetNode[] = [];
  let customers: Customers;

  beforeAll(async () => {
    world = await bootWorld("fleet");
    const image = await goldenImage();
    const disk = await goldenDisk(world, image, await world.release());
    vpc = await openVpc(world);
    // Fixed interfaces wait for their first router, as after a first apply.
    for (const index of [0, 1] as const) await parkInterface(vpc.lab, index);
    Object.assign(vpc.cloud.state, { attached: [false, false], unchecked: [false, false] });
    await applyState(vpc.lab, vpc.cloud.state);
    const routerImage = await goldenRouterImage();
    routers = await Promise.all(
      [0, 1].map((index) => {
        const { router } = nodeDocument(vpc.lab, index);
        const seat = vpc.seat(index === 0 ? "r1" : "r2");
        return newNode(vpc.world, { image: routerImage, role: "router", seat, document: { router } });
      }),
    );
    nodes = await Promise.all(
      (["c1", "c2"] as const).map((part) => newNode(vpc.world, { image, disk, seat: vpc.seat(part) })),
    );
  });
  afterAll(async () => {
    await customers?.stop();
    for (const node of [...nodes, ...routers]) node.remove();
    await vpc?.close();
    await world?.close();
  });

  const balanced = async () =>
    JSON.parse(await vpc.balancer.ask("state")) as Array<{ host: string; isHealthy: boolean; requests: number }>;
  const publicAddresses = () => vpc.lab.zones.map(({ publicAddress }) => publicAddress);

  /** Where a payment of each node's backend comes from, asked as a payment plugin does, from its own container. */
  const payment = async (node: FleetNode): Promise<string | undefined> => {
    const program = `fetch("http://${PAYMENTS}/",{method:"POST",signal:AbortSignal.timeout(3000)}).then(async(a)=>console.log(await a.text()),()=>{})`;
    const { stdout } = await node.run(`docker exec greenleaf-backend-1 node -e '${program}'`);
    return stdout === "" ? undefined : (JSON.parse(stdout) as { from: string }).from;
  };
  const paidFrom = async (node: FleetNode, address: string | undefined): Promise<void> => {
    await reached(node, `payment from ${address}`, 60_000, async () => (await payment(node)) === address);
  };

  test("without a router no node reaches the registry, a secret or anybody", async () => {
    const urls = [AWS_URL, `https://${REGISTRY}`, `http://${PAYMENTS}`];
    expect(await Promise.all(urls.map((url) => vpc.tries("c1", url)))).toEqual([false, false, false]);
  });

  test("all four boot from user_data, through the routers, until the balancer sends customers to both nodes", async () => {
    for (const router of routers) router.start();
    for (const node of nodes) node.start();
    for (const router of routers)
      await reached(router, "ready router", HEALTHY_MS, async () => (await router.status())?.verdict === "ready");
    const [first] = nodes;
    if (first === undefined) throw new Error("no node");
    await reached(first, "healthy targets", HEALTHY_MS, async () =>
      (await balanced()).every(({ isHealthy }) => isHealthy),
    );
    for (const node of nodes) await booted(node, 60_000);
    const primaries = vpc.lab.zones.map(({ router }) => router.primary.publicAddress);
    const callers = await vpc.callers();
    expect(callers.length).toBeGreaterThan(0);
    expect(callers.filter((address) => ![...publicAddresses(), ...primaries].includes(address))).toEqual([]);
    expect(await leakedPackets(vpc.lab)).toBe(0);
  });

  test("a payment leaves from the public address of its node's zone", async () => {
    expect(await Promise.all(nodes.map(payment))).toEqual(publicAddresses());
  });

  test("a router loses its power: customers notice nothing, and payments go on leaving from the same address", async () => {
    customers = await openShop();
    await sleep(3_000);
    const start = performance.now();
    routers[0]?.cut();
    await vpc.unplug("r1");
    for (const [index, node] of nodes.entries()) await paidFrom(node, publicAddresses()[index]);
    await sleep(5_000);
    expect(customers.failures(start)).toEqual([]);
    const served = customers.visits.filter(({ at }) => at >= start).map(({ node }) => node);
    expect(new Set(served)).toEqual(new Set(vpc.lab.zones.map(({ client }) => client.address)));
    expect(vpc.cloud.state.routes).toEqual([1, 1]);
    expect(await leakedPackets(vpc.lab)).toBe(0);
  });

  test("a node loses its power as well: once the balancer has seen it every request is answered", async () => {
    nodes[0]?.cut();
    await vpc.unplug("c1");
    const [first, second] = nodes;
    if (first === undefined || second === undefined) throw new Error("no node");
    await reached(second, "balancer without the dead node", 60_000, async () => !(await balanced())[0]?.isHealthy);
    // What was on its way to the dead node ends by the balancer's own limits.
    await sleep(3_000);
    const settled = performance.now();
    await sleep(8_000);
    const visits = customers.visits.filter(({ at }) => at >= settled);
    expect(customers.failures(settled)).toEqual([]);
    expect(visits.length).toBeGreaterThan(10);
    expect(new Set(visits.map(({ node }) => node))).toEqual(new Set([vpc.lab.zones[1].client.address]));
    expect(await payment(second)).toBe(publicAddresses()[1]);
  });

  async function openShop(): Promise<Customers> {
    const key = (await world.parameter(`/greenleaf/${ENVIRONMENT}/shop/publishable_key`)) ?? "";
    const headers = { "x-publishable-api-key": key };
    const { text } = await visit(vpc.customers, { what: "GET /store/regions", headers });
    const { regions } = JSON.parse(text) as { regions: Array<{ id: string }> };
    return new Customers(vpc.customers, { key, region: regions[0]?.id ?? "" });
  }
});

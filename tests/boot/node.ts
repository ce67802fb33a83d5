import { setTimeout as sleep } from "node:timers/promises";
import type { Status } from "../../node-agent/src/core/node/status/status.ts";
import { type FakeImds, INSTANCE, startFakeImds } from "../support/fake-imds.ts";
import { surroundings } from "./golden-disk.ts";
import { type Instance, newInstance, type Seat } from "./instance.ts";
import { userDataFor } from "./user-data.ts";
import { ENVIRONMENT, type World } from "./world.ts";

/** An instance of the fleet: metadata, a group that waits for it, and a machine. */
export interface FleetNode extends Instance {
  readonly id: string;
  readonly imds: FakeImds;
  status(): Promise<Status | undefined>;
  /** HTTP status of /healthz as the balancer sees it; 0 without an answer. */
  healthz(): Promise<number>;
}

export interface NodeOptions {
  readonly image: string;
  readonly disk?: string;
  readonly role?: "app" | "router";
  /** Where it stands, if not in the world's own network. */
  readonly seat?: NodeSeat;
  /** Members of the node document that differ. */
  readonly document?: object;
  readonly files?: Readonly<Record<string, string>>;
  /** Further arguments of docker create. */
  readonly create?: readonly string[];
}

export interface NodeSeat extends Seat {
  /** Brings the metadata service to the address where instances look for it; gives host:port. */
  takeMetadata(imds: FakeImds): Promise<string>;
}

let count = 0;

/** Made, not started. */
export async function newNode(world: World, options: NodeOptions): Promise<FleetNode> {
  const { image, disk, seat, role = "app", document = {}, files = {}, create = [] } = options;
  const number = (count += 1);
  const id = `i-${String(number).padStart(17, "0")}`;
  const imds = await startFakeImds(world.gateway);
  const userData = userDataFor(world, { role, ...document });
  for (const [path, text] of Object.entries(metadata(id, userData))) imds.paths.set(path, text);
  const group = `greenleaf-${ENVIRONMENT}-${role}`;
  world.standIn.fleet.instances.set(id, { group, state: "Pending:Wait", role, environment: ENVIRONMENT });
  const instance = newInstance({
    name: `${world.name}-${role}-${number}`,
    image,
    network: seat ?? world.network,
    hosts: world.hosts,
    imds: seat === undefined ? new URL(imds.url).host : await seat.takeMetadata(imds),
    create,
    files: { ...surroundings(world), ...files },
    ...(disk === undefined ? {} : { disk }),
  });
  return withNode(instance, { id, imds, leave: () => void world.standIn.fleet.instances.delete(id) });
}

interface Around {
  readonly id: string;
  readonly imds: FakeImds;
  /** It is the group's no more. */
  readonly leave: () => void;
}

function withNode(instance: Instance, { id, imds, leave }: Around): FleetNode {
  return Object.assign(Object.create(instance, Object.getOwnPropertyDescriptors(instance)) as Instance, {
    id,
    imds,
    status: async () => {
      const { code, stdout } = await instance.run("cat /var/lib/greenleaf/status.json");
      return code === 0 ? (JSON.parse(stdout) as Status) : undefined;
    },
    healthz: () =>
      fetch(`http://${instance.address}:8080/healthz`, { signal: AbortSignal.timeout(2_000) }).then(
        ({ status }) => status,
        () => 0,
      ),
    remove: () => {
      instance.remove();
      leave();
      void imds.close();
    },
  });
}

const metadata = (id: string, userData: string): Readonly<Record<string, string>> => ({
  "dynamic/instance-identity/document": JSON.stringify({ ...INSTANCE, instanceId: id }),
  "meta-data/instance-id": id,
  "meta-data/ami-id": "ami-0000000000000000a",
  "meta-data/local-hostname": "ip-10-0-0-1",
  "meta-data/placement/availability-zone": INSTANCE.availabilityZone,
  "meta-data/placement/region": INSTANCE.region,
  "user-data": userData,
});

/** Milliseconds until `check` holds; throws with the node's console when it does not in time. */
export async function reached(
  node: FleetNode,
  what: string,
  withinMs: number,
  check: () => Promise<boolean> | boolean,
) {
  const start = performance.now();
  while (performance.now() - start < withinMs) {
    if (await check()) return performance.now() - start;
    await sleep(100);
  }
  const { stdout: journal } = await node.run("journalctl -u greenleaf-boot -u greenleaf-agent --no-pager -n 60");
  throw new Error(`${node.name}: no ${what} within ${withinMs / 1000} s\n${node.console().slice(-4000)}\n${journal}`);
}

/** Waits until the boot of this start is over and says ready: what the status said before is another start's. */
export async function booted(node: FleetNode, withinMs: number): Promise<number> {
  return reached(node, "boot that is over, and ready", withinMs, async () => {
    const { stdout } = await node.run("systemctl is-active greenleaf-boot.service");
    return stdout === "active\n" && (await node.status())?.verdict === "ready";
  });
}

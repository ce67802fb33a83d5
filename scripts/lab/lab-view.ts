import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ROUTER_STATUS_PATH } from "../../node-agent/src/base/paths.ts";
import { parseRouterStatus, type RouterStatus } from "../../node-agent/src/core/router/status.ts";
import { leakedPackets } from "./fabric.ts";
import { run } from "./namespaces.ts";
import { cable, type LabZone, type Topology } from "./topology.ts";

/** An agent writes its status every second and a half, and when there is something new in it. */
const STALE_MS = 3_000;

export interface RouterView {
  readonly name: string;
  readonly address: string;
  readonly publicAddress: string;
  /** What it says of itself; a word where nothing of it can be believed. */
  readonly agent: "alive" | "dead" | "no status" | `silent for ${number} s`;
  readonly status?: RouterStatus;
  /** Entries of its kernel's table of flows. */
  readonly flows: number;
}

/** The lab at a moment: the fabric's own routes, and what both routers tell. */
export interface LabView {
  readonly zones: ReadonlyArray<{ readonly name: string; readonly range: string; readonly owner: string | undefined }>;
  readonly routers: readonly RouterView[];
  /** Packets with a private source that the gateway stopped: what must stay 0. */
  readonly leaked: number;
}

/** What the agent of a root last wrote. */
export function statusOf(root: string): RouterStatus | undefined {
  const path = join(root, ROUTER_STATUS_PATH);
  return existsSync(path) ? parseRouterStatus(readFileSync(path, "utf8")) : undefined;
}

export const routerName = (index: number): string => `router ${"ab"[index]}`;

export async function observeLab(lab: Topology, folder: string): Promise<LabView> {
  const indices = lab.zones.map((_, index) => index);
  const [tables, flows, leaked] = await Promise.all([
    Promise.all(
      indices.map((index) => printed(lab.vpc.namespace, "ip", "route", "show", "table", String(101 + index))),
    ),
    Promise.all(lab.zones.map(({ router }) => printed(router.namespace, "cat", FLOWS))),
    // A lab that is being taken away has no counter any more.
    leakedPackets(lab).catch(() => 0),
  ]);
  const ownerOf = (table: string) => indices.find((at) => table.includes(`dev ${cable.nat(at)} `));
  return {
    zones: lab.zones.map(({ name, client }, index) => {
      const owner = ownerOf(tables[index] ?? "");
      return { name, range: client.range, owner: owner === undefined ? undefined : routerName(owner) };
    }),
    routers: lab.zones.map((zone, index) => routerView(zone, { index, folder, flows: Number(flows[index]) })),
    leaked,
  };
}

const FLOWS = "/proc/sys/net/netfilter/nf_conntrack_count";

const printed = async (namespace: string, ...argv: readonly string[]): Promise<string> =>
  (await run(["ip", "netns", "exec", namespace, ...argv])).stdout;

function routerView(zone: LabZone, { index, folder, flows }: { index: number; folder: string; flows: number }) {
  const { nat, publicAddress } = zone;
  const view = { name: routerName(index), address: nat.address, publicAddress, flows };
  const place = join(folder, `router-${"ab"[index]}`);
  // What it wrote last is not true any more.
  if (!isAlive(`${place}.pid`)) return { ...view, agent: "dead" as const };
  const status = statusOf(place);
  if (status === undefined) return { ...view, agent: "no status" as const };
  const quietMs = Date.now() - Date.parse(status.written);
  if (quietMs > STALE_MS) return { ...view, agent: `silent for ${Math.round(quietMs / 1000)} s` as const };
  return { ...view, agent: "alive" as const, status };
}

function isAlive(path: string): boolean {
  if (!existsSync(path)) return false;
  return existsSync(`/proc/${readFileSync(path, "utf8").trim()}`);
}

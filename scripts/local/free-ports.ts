import { machinePorts } from "../../node-agent/src/adapters/machine/ports.ts";
import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { holdsPort } from "./agent/daemon.ts";
import { findThings } from "./remove/own-things.ts";
import { rootState } from "./remove/ownership.ts";
import { type LocalWorld, optionsFor } from "./world.ts";

/** Refuses to begin when a port this world listens on is held by somebody else. */
export async function checkPorts(world: LocalWorld): Promise<void> {
  const ours = await portsOf(world);
  const taken: string[] = [];
  for (const [name, port] of Object.entries(world.ports)) {
    const holder = ours.has(port) ? undefined : await machinePorts.holderOf(port, "");
    if (holder !== undefined) taken.push(`${name}: ${port} (${holder})`);
  }
  if (taken.length === 0) return;
  const other = world.ports.http + 1000;
  throw new ConfigurationError(`port ${taken.join(", ")} is taken`, {
    code: "world.port",
    why: "another program listens there",
    fix: `end it, or choose other ports: sudo ./greenleaf up${optionsFor({ ...world, ports: { ...world.ports, http: other } })}`,
  });
}

/** Those that this world holds already. */
async function portsOf(world: LocalWorld): Promise<Set<number>> {
  const state = await rootState(world);
  const { ours } = await findThings(world, typeof state === "string" ? undefined : state);
  const agent = (await holdsPort(world)) ? [world.ports.agent] : [];
  return new Set([...ours.flatMap(({ ports }) => ports), ...agent]);
}

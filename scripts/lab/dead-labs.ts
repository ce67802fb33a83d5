import { existsSync } from "node:fs";
import { namespacesLike, removeNamespace } from "./namespaces.ts";
import { LAB_PREFIX } from "./topology.ts";

/** Removes what labs have left whose process is gone; labs of runs beside this one are alive. */
export async function removeDeadLabs(): Promise<void> {
  for (const space of await namespacesLike(LAB_PREFIX)) {
    const owner = /-(\d+)-\w+$/.exec(space)?.[1];
    if (owner !== undefined && !existsSync(`/proc/${owner}`)) await removeNamespace(space);
  }
}

import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { findThings } from "./remove/own-things.ts";
import { rootState } from "./remove/ownership.ts";
import type { LocalWorld } from "./world.ts";

/** Refuses to begin under a name that somebody else's stack already has on this machine. */
export async function refuseTakenName(world: LocalWorld): Promise<void> {
  const state = await rootState(world);
  const { others } = await findThings(world, typeof state === "string" ? undefined : state);
  if (others.length === 0) return;
  throw new ConfigurationError(`the name "${world.project}" belongs to somebody else's stack`, {
    code: "world.name",
    why: "the engine holds what greenleaf did not make under it",
    problems: others.map(({ kind, name }) => `${kind} ${name}`),
    fix: "choose another name: sudo ./greenleaf up --project shop2 --port 9080",
  });
}

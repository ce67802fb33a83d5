/**
 * What can be asked for: the agent itself, from a signed archive; the engine; compose, or all plugins; what a router
 * runs; what makes images from nothing; the node's kernel settings; the agent's own units.
 */
export const GROUPS = ["agent", "engine", "compose", "plugins", "router", "tools", "system", "units"] as const;
export type Group = (typeof GROUPS)[number];

/** What a node of a role needs. */
export const GROUPS_OF_ROLE: Readonly<Record<"app" | "router", readonly Group[]>> = {
  app: ["agent", "engine", "compose", "system", "units"],
  router: ["agent", "router", "system", "units"],
};

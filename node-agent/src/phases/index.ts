import type { Role } from "../core/node-document.ts";
import type { Phase } from "./phase.ts";

/** What a boot does, in order, per role. */
export const PHASES: Readonly<Record<Role, readonly Phase[]>> = {
  app: [],
  router: [],
};

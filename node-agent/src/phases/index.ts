import type { Role } from "../core/node-document.ts";
import { attach } from "./attach.ts";
import { engine } from "./engine.ts";
import { fetch } from "./fetch.ts";
import { firstRun } from "./first-run.ts";
import { identify } from "./identify.ts";
import { nat } from "./nat.ts";
import type { Phase } from "./phase.ts";
import { probe } from "./probe.ts";
import { pull } from "./pull.ts";
import { release } from "./release.ts";
import { render } from "./render.ts";
import { stack } from "./stack.ts";

/** What a boot does, in order, per role. */
export const PHASES: Readonly<Record<Role, readonly Phase[]>> = {
  app: [identify, release, fetch, render, engine, pull, firstRun, stack],
  // Forwarding first: it waits for neither metadata nor AWS.
  router: [attach, nat, probe, identify],
};

import type { Role } from "../core/config/node-document.ts";
import { engine } from "./boot/engine.ts";
import { fetch } from "./boot/fetch.ts";
import { identify } from "./boot/identify.ts";
import { pull } from "./boot/pull.ts";
import { release } from "./boot/release.ts";
import { render } from "./boot/render.ts";
import { Sequence } from "./phase.ts";
import { attach } from "./router/attach.ts";
import { nat } from "./router/nat.ts";
import { probe } from "./router/probe.ts";
import { firstRun } from "./stack/first-run.ts";
import { stack } from "./stack/stack.ts";
import { orGoBack } from "./values/go-back.ts";

/** What a boot does, in order, per role. */
export const PHASES = {
  app: Sequence.of()
    .next(identify)
    .next(release)
    .next(orGoBack(fetch))
    .next(orGoBack(render))
    .next(engine)
    .next(pull)
    .next(orGoBack(firstRun))
    .next(orGoBack(stack)),
  // Forwarding first: it waits for neither metadata nor AWS.
  router: Sequence.of().next(attach).next(nat).next(probe).next(identify),
} as const satisfies Record<Role, Sequence>;

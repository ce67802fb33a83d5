import type { Condition } from "./compose/stack.ts";
import type { InspectedContainer } from "./engine.ts";
import { type Answer, done, notYet } from "./retry.ts";

/** A program without a health check that is broken ends in its first moments; until then nothing is known of it. */
const SETTLED_AFTER_MS = 500;

/** How often a container may start anew while it is waited for. */
const MAX_RESTARTS = 5;

/** That a wait is over because what is waited for can no longer come. */
export class Hopeless {
  readonly because: string;

  constructor(because: string) {
    this.because = because;
  }
}

/** Whether a container has come as far as `condition`; `restarts` is how often it had restarted when the wait began. */
export function reached(
  container: InspectedContainer | undefined,
  condition: Condition | "settled",
  restarts: number,
): Answer<true | Hopeless> {
  if (container === undefined) return done(new Hopeless("it is gone"));
  if (container.state === "exited" || container.state === "dead") return ended(container, condition);
  if (container.restarts - restarts >= MAX_RESTARTS) {
    return done(new Hopeless(`it ended ${MAX_RESTARTS} times, last with code ${container.exitCode}`));
  }
  if (container.state !== "running") return notYet(`it is ${container.state}`);
  if (condition === "service_completed_successfully") return notYet("it has not ended");
  return condition === "service_started" ? done(true) : health(container, condition);
}

function ended({ exitCode, restartPolicy, error }: InspectedContainer, condition: string): Answer<true | Hopeless> {
  const isJob = condition === "service_completed_successfully" || restartPolicy === "" || restartPolicy === "no";
  if (exitCode === 0 && isJob && condition !== "service_healthy") return done(true);
  return done(new Hopeless(`it ended with code ${exitCode}${error === "" ? "" : `: ${error}`}`));
}

function health({ health, lastCheck, upMs }: InspectedContainer, condition: string): Answer<true | Hopeless> {
  if (health === "healthy") return done(true);
  if (health === "unhealthy") return done(new Hopeless(`it is unhealthy${said(lastCheck)}`));
  if (health !== undefined && health !== "none") return notYet(`its health is ${health}${said(lastCheck)}`);
  if (condition !== "settled") return done(new Hopeless("it has no health check to wait for"));
  return upMs < SETTLED_AFTER_MS ? notYet("it was started this moment") : done(true);
}

const said = (lastCheck: string | undefined): string => {
  const words = (lastCheck ?? "").trim().replaceAll(/\s+/g, " ").slice(0, 200);
  return words === "" ? "" : `: ${words}`;
};

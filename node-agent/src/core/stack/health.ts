import { done, type ProbeResult, pending } from "../../base/wait.ts";
import type { Condition } from "./compose/stack.ts";
import type { InspectedContainer } from "./engine.ts";

/** A program without a health check that is broken ends in its first moments; until then nothing is known of it. */
const SETTLED_AFTER_MS = 500;

/** How often a container may start anew while it is waited for. */
const MAX_RESTARTS = 5;

/** That a wait is over because what is waited for can no longer come. */
export class WaitFailed {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** Whether a container has come as far as `condition`; `restarts` is how often it had restarted when the wait began. */
export function reached(
  container: InspectedContainer | undefined,
  condition: Condition | "settled",
  restarts: number,
): ProbeResult<true | WaitFailed> {
  if (container === undefined) return done(new WaitFailed("it is gone"));
  if (container.state === "exited" || container.state === "dead") return ended(container, condition);
  if (container.restarts - restarts >= MAX_RESTARTS) {
    return done(new WaitFailed(`it ended ${MAX_RESTARTS} times, last with code ${container.exitCode}`));
  }
  if (container.state !== "running") return pending(`it is ${container.state}`);
  if (condition === "service_completed_successfully") return pending("it has not ended");
  return condition === "service_started" ? done(true) : health(container, condition);
}

function ended(
  { exitCode, restartPolicy, error }: InspectedContainer,
  condition: string,
): ProbeResult<true | WaitFailed> {
  const isJob = condition === "service_completed_successfully" || restartPolicy === "" || restartPolicy === "no";
  if (exitCode === 0 && isJob && condition !== "service_healthy") return done(true);
  return done(new WaitFailed(`it ended with code ${exitCode}${error === "" ? "" : `: ${error}`}`));
}

function health({ health, lastCheck, upMs }: InspectedContainer, condition: string): ProbeResult<true | WaitFailed> {
  if (health === "healthy") return done(true);
  if (health === "unhealthy") return done(new WaitFailed(`it is unhealthy${said(lastCheck)}`));
  if (health !== undefined && health !== "none") return pending(`its health is ${health}${said(lastCheck)}`);
  if (condition !== "settled") return done(new WaitFailed("it has no health check to wait for"));
  return upMs < SETTLED_AFTER_MS ? pending("it was started this moment") : done(true);
}

export const said = (lastCheck: string | undefined): string => {
  const words = (lastCheck ?? "").trim().replaceAll(/\s+/g, " ").slice(0, 200);
  return words === "" ? "" : `: ${words}`;
};

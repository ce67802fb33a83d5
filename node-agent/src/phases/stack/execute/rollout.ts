import { AgentError, EngineGone, UnhealthyError } from "../../../base/errors.ts";
import { done, pending, until } from "../../../base/wait.ts";
import type { Action, RolloutAction, StackOperation, Undo } from "../../../core/stack/plan/operation.ts";
import { routeOf } from "../../../core/stack/plan/plan-choice.ts";
import { moveFront } from "../fronts.ts";
import { writeRoute } from "../routes.ts";
import type { ActionContext } from "./execute-plan.ts";

const LOOK_MS = 200;
/** Requests that were given to the old container in this moment are on their way to it. */
const ON_THE_WAY_MS = 300;
/** How long is waited for an old container whose connections cannot be seen. */
const UNSEEN_MS = 5_000;

/** The steps by which traffic moves. */
export async function actOnTraffic(acting: ActionContext, action: RolloutAction): Promise<void> {
  const idOf = (name: string) => acting.ids.get(name) ?? name;
  switch (action.kind) {
    case "route service": {
      const { service, container } = action;
      if (action.front) await moveFront(acting, { service, ...action.front }, container && idOf(container));
      const host = container === undefined ? service : routeOf({ id: idOf(container) });
      return writeRoute(acting.world.files, service, host);
    }
    case "watch container":
      return acting.watch?.hold({ service: action.service, container: idOf(action.container) }, action.forMs);
    case "drain container":
      return drain(acting, idOf(action.container), action);
  }
}

type Draining = Extract<RolloutAction, { kind: "drain container" }>;

/** Until nothing is connected to it any more: Caddy closes what is idle. Long streams end with the wait. */
async function drain({ world }: ActionContext, container: string, { withinMs, ports }: Draining): Promise<void> {
  const { clock, engine } = world;
  const start = clock.now();
  await clock.sleep(Math.min(ON_THE_WAY_MS, withinMs));
  const wait = { what: "what is under way", withinMs, everyMs: LOOK_MS, fix: "" };
  await until(clock, wait, async () => {
    const elapsedMs = clock.now() - start;
    if (elapsedMs >= withinMs) return done(undefined);
    const connections = await engine.connectionsInto(container, ports);
    const isOver = connections === 0 || (connections === undefined && elapsedMs >= UNSEEN_MS);
    return isOver ? done(undefined) : pending(`${connections ?? "an unknown number of"} connections`);
  }).catch((error: unknown) => {
    if (!(error instanceof AgentError) || error instanceof EngineGone) throw error;
  });
}

/** What takes a rollout back, as far as it has come. */
export class Rollouts {
  readonly #undos = new Map<string, Undo[]>();

  /** An operation begins: it may have to be taken back from now on, or there is no way back any more. */
  begin({ rollout, undo, isFinal }: StackOperation): void {
    if (rollout === undefined) return;
    if (isFinal) this.#undos.delete(rollout);
    else if (undo) this.#undos.set(rollout, [undo, ...(this.#undos.get(rollout) ?? [])]);
  }

  /**
   * Takes back what is unfinished, and gives the failure as those who read it should have it. Where the engine is away
   * nothing can be taken back: the next look at the machine resumes the rollout or ends it.
   */
  async takeBack(failure: unknown, act: (undo: Undo, action: Action) => Promise<void>): Promise<unknown> {
    const unfinished = [...this.#undos];
    if (failure instanceof EngineGone || unfinished.length === 0) return failure;
    try {
      for (const undo of unfinished.flatMap(([, undos]) => undos)) await act(undo, undo.action);
    } catch (error) {
      if (error instanceof AgentError) return failure;
      throw error;
    }
    return failure instanceof UnhealthyError
      ? told(
          failure,
          unfinished.map(([service]) => service),
        )
      : failure;
  }
}

function told({ message, why, problems, cause }: UnhealthyError, services: readonly string[]): UnhealthyError {
  return new UnhealthyError(message, {
    code: "stack.unhealthy",
    why: `the new ${services.join(", ")} was taken away again, and the old one goes on serving; ${why}`,
    fix: "correct the cause and publish the release again, or publish the one before: ./greenleaf rollback",
    problems,
    cause,
  });
}

import { STATUS_PATH } from "../../base/paths.ts";
import { type AutoScaling, HOOKS } from "../../core/node/lifecycle.ts";
import { statusBytes } from "../../core/node/status/status.ts";
import { completeHook } from "../../phases/boot/lifecycle-hook.ts";
import { type DaemonContext, logAgentError } from "../part.ts";

/** What the node says to its Auto Scaling group while it runs; each thing once. */
export interface Groups {
  /** The node is drained; the group may go on with the termination. */
  tellTerminated(): Promise<void>;
  /** A verdict that could not be told at the end of the boot. */
  tellUndelivered(): Promise<void>;
}

export function groupsOf(daemon: DaemonContext, who: { instanceId: string; autoScaling: AutoScaling }): Groups {
  const { world, view } = daemon;
  const { instanceId, autoScaling } = who;
  let terminated = false;
  const complete = (transition: "launch" | "terminate", result: "CONTINUE" | "ABANDON") =>
    completeHook({ clock: world.clock, autoScaling }, { transition, instanceId, result });
  return {
    tellTerminated: async () => {
      if (terminated) return;
      await logAgentError(view, async () => {
        const told = await complete("terminate", "CONTINUE");
        terminated = true;
        view.note(told ? `${told.name} of ${told.group}: ${told.result}` : `no hook ${HOOKS.terminate} waits`);
      });
    },
    tellUndelivered: async () => {
      const { status } = view;
      if (!status?.hook || status.hook.delivered || status.verdict === "booting") return;
      const { hook } = status;
      await logAgentError(view, async () => {
        const told = (await complete("launch", hook.result)) ?? { ...hook, delivered: true, why: "nothing waits" };
        view.note(`${told.name}: ${told.result}, told late`);
        await world.files.write(STATUS_PATH, statusBytes({ ...status, hook: told }), { mode: 0o644 });
      });
    },
  };
}

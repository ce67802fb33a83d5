import { type Clock, done, pending, until } from "../../base/wait.ts";
import { type AutoScaling, HOOKS, hookStep, type Transition } from "../../core/node/lifecycle.ts";
import type { HookReport } from "../../core/node/status/status.ts";

export interface HookCall {
  transition: Transition;
  instanceId: string;
  result: HookReport["result"];
  /** How long the group may take to begin its wait; default 60 s. */
  withinMs?: number;
}

/**
 * Ends the wait of the group's lifecycle hook, if there is one. Asks for the state first and reads a refusal as
 * "ended already", so that telling it again after a lost answer or a restart ends it no second time.
 * Undefined when the instance is in no group or nothing waits.
 */
export async function completeHook(
  { clock, autoScaling }: { clock: Clock; autoScaling: AutoScaling },
  { transition, instanceId, result, withinMs = 60_000 }: HookCall,
): Promise<HookReport | undefined> {
  const group = await until(
    clock,
    {
      what: `the wait of hook ${HOOKS[transition]}`,
      withinMs,
      everyMs: 2_000,
      fix: "see the group's activity history",
    },
    async () => {
      const membership = await autoScaling.membership(instanceId);
      if (!membership) return done(undefined);
      const step = hookStep(transition, membership.state);
      if (step === "wait") return pending(`the instance is ${membership.state}`);
      return done(step === "complete" ? membership.group : undefined);
    },
  );
  if (group === undefined) return undefined;
  const answer = await autoScaling.complete({ group, hook: HOOKS[transition], instanceId, result });
  const why = answer.done ? {} : { why: `nothing waited any more (${answer.why})` };
  return { name: HOOKS[transition], group, result, delivered: true, ...why };
}

/** Names of the lifecycle hooks; Terraform gives the groups the same. */
export const HOOKS = { launch: "greenleaf-launch", terminate: "greenleaf-terminate" } as const;

export type Transition = keyof typeof HOOKS;

/** What to do about a hook in a lifecycle state of the instance. */
export type HookStep = "complete" | "wait" | "none";

const WAITING: Readonly<Record<Transition, RegExp>> = {
  launch: /^(Warmed:)?Pending:Wait$/,
  terminate: /^(Warmed:)?Terminating:Wait$/,
};

/** States that come just before the wait: the machine may be faster than its group. */
const BEFORE: Readonly<Record<Transition, RegExp>> = {
  launch: /^(Warmed:)?Pending$/,
  terminate: /^(InService|(Warmed:)?Terminating)$/,
};

export function hookStep(transition: Transition, state: string): HookStep {
  if (WAITING[transition].test(state)) return "complete";
  return BEFORE[transition].test(state) ? "wait" : "none";
}

/** What Auto Scaling knows of an instance. */
export interface Membership {
  group: string;
  /** As in `InService`, `Pending:Wait`, `Terminating:Wait`. */
  state: string;
}

export interface LifecycleAction {
  group: string;
  hook: string;
  instanceId: string;
  result: "CONTINUE" | "ABANDON";
}

/** The calls of Auto Scaling that a node makes for itself. */
export interface AutoScaling {
  /** Undefined when the instance belongs to no group. */
  membership(instanceId: string): Promise<Membership | undefined>;
  /** Ends the wait of a hook; not done when AWS has no such wait (it ended already, or there is no such hook). */
  complete(action: LifecycleAction): Promise<{ done: true } | { done: false; why: string }>;
}

import { frontPorts, isFront } from "../front/front.ts";
import type { ObservedContainer } from "../observed.ts";
import type { Action, Awaited, StackOperation, Undo } from "./operation.ts";
import { type Choice, isRunning } from "./plan-choice.ts";

/** What an operation is beside its name and action. */
export interface Details {
  readonly after?: readonly number[];
  readonly rollout?: string;
  readonly undo?: Undo;
  readonly isFinal?: true;
}

/** A plan that is being written. */
export class PlanDraft {
  readonly operations: StackOperation[] = [];
  /** Start or restart operations by service: whoever depends on the service comes after them. */
  readonly starts = new Map<string, number>();
  readonly containers = new Map<string, string>();

  add(name: string, why: string, action: Action, details: Details | readonly number[] = []): number {
    const id = this.operations.length;
    const { after = [], ...more } = "length" in details ? { after: details } : details;
    this.operations.push({ id, name: `${action.kind} ${name}`, why, action, after, ...more });
    return id;
  }
}

export interface Removal {
  readonly stopped: number;
  readonly removed: number;
}

export function removeSteps(
  plan: PlanDraft,
  { name, state }: Pick<ObservedContainer, "name" | "state">,
  { why, after, ...details }: { why: string; after: readonly number[] } & Details,
): Removal {
  const runs = isRunning({ state });
  const stop = runs ? [plan.add(name, why, { kind: "stop container", container: name }, { after, ...details })] : [];
  const removal = { after: runs ? stop : after, ...details };
  const removed = plan.add(name, why, { kind: "remove container", container: name }, removal);
  return { stopped: stop[0] ?? removed, removed };
}

/** Networks that a container is to be on and is not. */
export function connectSteps(
  plan: PlanDraft,
  { spec }: Choice,
  { container, on, ...details }: { container: string; on: readonly string[] } & Details,
): number[] {
  const wanted = [...Object.entries(spec.body.NetworkingConfig.EndpointsConfig), ...spec.connections];
  const missing = wanted.filter(([network]) => !on.includes(network));
  return missing.map(([network, endpoint]) => {
    const action = { kind: "connect container", container, network, endpoint } as const;
    return plan.add(`${container} to ${network}`, "it is not on it", action, details);
  });
}

/** What a service waits for before it starts, by the containers the plan gives its dependencies. */
export const awaitedBy = (plan: PlanDraft, { service }: Choice): Awaited[] =>
  service.dependsOn.flatMap((dependency): Awaited[] => {
    const name = plan.containers.get(dependency.service);
    return name === undefined ? [] : [{ ...dependency, container: name }];
  });

/** The starts of what a service depends on. */
export const startsBefore = (plan: PlanDraft, { service }: Choice): number[] =>
  service.dependsOn.flatMap((dependency) => plan.starts.get(dependency.service) ?? []);

/** The name of a service's only container, once the one that had it is gone; `after` itself where it has it already. */
export function renameSteps(
  plan: PlanDraft,
  { spec }: Choice,
  { container, after, ...details }: { container: string; after: readonly number[] } & Details,
): readonly number[] {
  if (container === spec.name) return after;
  const action = { kind: "rename container", container, to: spec.name } as const;
  return [plan.add(`${container} to ${spec.name}`, "its name is free now", action, { after, ...details })];
}

/** Sends what asks for a service to one of its containers, or by the service's own name to whoever has it. */
export const routeTo = ({ service }: Choice, container?: string, isStandIn = false) =>
  ({
    kind: "route service",
    service: service.name,
    ...(container === undefined ? {} : { container }),
    ...(isFront(service) ? { front: { ports: frontPorts(service.ports), isStandIn } } : {}),
    awaits: [] as readonly Awaited[],
  }) as const;

// As compose does: the old container keeps the name until it is gone, and the new one waits under the old one's id.
export function freeName(name: string, stale: readonly ObservedContainer[]): string {
  const taken = new Set(stale.map((container) => container.name));
  const names = [name, ...stale.map(({ id }) => `${id.slice(0, 12)}_${name}`)];
  return names.find((candidate) => !taken.has(candidate)) ?? name;
}

import type { Service, Stack } from "./compose/stack.ts";
import { startOrder } from "./compose/start-order.ts";
import { inheritVolumes } from "./inherit-volumes.ts";
import type { Observed, ObservedContainer } from "./observed.ts";
import type { Action, Awaited, StackOperation } from "./operation.ts";
import { ailment, type Choice, choose, type Desired, isRunning } from "./plan-choice.ts";

export interface StackPlan {
  readonly operations: readonly StackOperation[];
  /** The container of each service, by the name it has while the plan begins or is created with. */
  readonly containers: ReadonlyMap<string, string>;
}

/**
 * What it takes to turn the observed machine into the desired one, in an order that can be executed as it stands.
 * Nothing that runs is stopped before everything new is pulled and created. Pure.
 */
export function planStack(desired: Desired, observed: Observed): StackPlan {
  const plan = new Plan();
  const prepared = prepare(plan, desired, observed);
  const choices = startOrder(desired.stack.services).map((service) => choose(service, desired, observed));
  const created = choices.map((choice) => createSteps(plan, choice, prepared));
  const ready = [...prepared, ...created.flat()];
  const gone = choices.map((choice) => removeSurplus(plan, choice, ready));
  const orphaned = orphans(desired.stack, observed).map((orphan) => {
    const why = `service ${orphan.service} is not in the stack any more`;
    return removeSteps(plan, orphan, { why, after: ready }).stopped;
  });
  // A port may move from one service to another: it must be free before its new owner starts.
  const stopped = [...orphaned, ...gone.flat().map(({ stopped }) => stopped)];
  choices.forEach((choice, index) => {
    startSteps(plan, { choice, created: created[index] ?? [], gone: gone[index] ?? [], stopped });
  });
  return { operations: plan.operations, containers: plan.containers };
}

class Plan {
  readonly operations: StackOperation[] = [];
  /** Start or restart operations by service: whoever depends on the service comes after them. */
  readonly starts = new Map<string, number>();
  readonly containers = new Map<string, string>();

  add(name: string, why: string, action: Action, after: readonly number[] = []): number {
    const id = this.operations.length;
    this.operations.push({ id, name: `${action.do} ${name}`, why, action, after });
    return id;
  }
}

function prepare(plan: Plan, { stack, specs }: Desired, observed: Observed): number[] {
  const networks = stack.networks.filter(({ name, external }) => !external && !observed.networks.has(name));
  const volumes = stack.volumes.filter(({ name, external }) => !external && !observed.volumes.has(name));
  const pulls = new Map(stack.services.filter((service) => needsPull(service, observed)).map((s) => [s.image, s]));
  return [
    ...networks.map((network) => plan.add(network.name, "it does not exist", { do: "create network", network })),
    ...volumes.map((volume) => plan.add(volume.name, "it does not exist", { do: "create volume", volume })),
    ...[...pulls.values()].map((service) => pullStep(plan, service, specs)),
  ];
}

function needsPull({ image, pullPolicy }: Service, observed: Observed): boolean {
  return pullPolicy === "always" ? !image.startsWith("sha256:") : !observed.images.has(image);
}

function pullStep(plan: Plan, { image, name, pullPolicy }: Service, specs: Desired["specs"]): number {
  const platform = specs.get(name)?.platform;
  const why = pullPolicy === "always" ? "its pull_policy is always" : "it is not on this machine";
  return plan.add(image, why, { do: "pull image", image, ...(platform === undefined ? {} : { platform }) });
}

function createSteps(plan: Plan, choice: Choice, prepared: readonly number[]): number[] {
  const { kept, surplus, spec, why } = choice;
  if (kept) return connectSteps(plan, choice, { container: kept.name, on: kept.networks, after: prepared });
  const as = freeName(spec.name, surplus);
  const action = { do: "create container", spec: inheritVolumes(spec, surplus), as } as const;
  const create = plan.add(as, why, action, prepared);
  const on = Object.keys(spec.body.NetworkingConfig.EndpointsConfig);
  return [create, ...connectSteps(plan, choice, { container: as, on, after: [create] })];
}

// As compose does: the old container keeps the name until it is gone, and the new one waits under the old one's id.
function freeName(name: string, surplus: readonly ObservedContainer[]): string {
  const taken = new Set(surplus.map((container) => container.name));
  const names = [name, ...surplus.map(({ id }) => `${id.slice(0, 12)}_${name}`)];
  return names.find((candidate) => !taken.has(candidate)) ?? name;
}

function connectSteps(
  plan: Plan,
  { spec }: Choice,
  { container, on, after }: { container: string; on: readonly string[]; after: readonly number[] },
): number[] {
  const wanted = [...Object.entries(spec.body.NetworkingConfig.EndpointsConfig), ...spec.connections];
  const missing = wanted.filter(([network]) => !on.includes(network));
  return missing.map(([network, endpoint]) => {
    const action = { do: "connect container", container, network, endpoint } as const;
    return plan.add(`${container} to ${network}`, "it is not on it", action, after);
  });
}

interface Gone {
  readonly stopped: number;
  readonly removed: number;
}

/** `ready`: everything that must have worked before anything is stopped. */
function removeSurplus(plan: Plan, { kept, surplus, why }: Choice, ready: readonly number[]): Gone[] {
  const because = kept ? `${kept.name} is the one that stays` : why;
  return surplus.map((container) => removeSteps(plan, container, { why: because, after: ready }));
}

interface Turn {
  choice: Choice;
  created: readonly number[];
  gone: readonly Gone[];
  /** Every stop of the plan. */
  stopped: readonly number[];
}

function startSteps(plan: Plan, { choice, created, gone, stopped }: Turn): void {
  const { service, spec, kept } = choice;
  const container = kept?.name ?? createdName(plan, created);
  plan.containers.set(service.name, container);
  const free = service.ports.length > 0 ? stopped : gone.map(({ stopped }) => stopped);
  const start = startStep(plan, choice, [...created, ...free, ...dependencies(plan, service)]);
  if (start !== undefined) plan.starts.set(service.name, start);
  if (container === spec.name) return;
  const after = [...created, ...gone.map(({ removed }) => removed), ...(start === undefined ? [] : [start])];
  const action = { do: "rename container", container, to: spec.name } as const;
  plan.add(`${container} to ${spec.name}`, "its name is free now", action, after);
}

function createdName(plan: Plan, created: readonly number[]): string {
  const action = created[0] === undefined ? undefined : plan.operations[created[0]]?.action;
  if (action?.do !== "create container") throw new Error("a service has neither a container nor a plan for one");
  return action.as;
}

const dependencies = (plan: Plan, { dependsOn }: Service): number[] =>
  dependsOn.flatMap(({ service }) => plan.starts.get(service) ?? []);

function removeSteps(
  plan: Plan,
  { name, state }: ObservedContainer,
  { why, after }: { why: string; after: readonly number[] },
): Gone {
  const runs = state === "running" || state === "restarting" || state === "paused";
  const stop = runs ? [plan.add(name, why, { do: "stop container", container: name }, after)] : [];
  const removed = plan.add(name, why, { do: "remove container", container: name }, runs ? stop : after);
  return { stopped: stop[0] ?? removed, removed };
}

function startStep(plan: Plan, { kept, service, isJob }: Choice, before: readonly number[]): number | undefined {
  const container = plan.containers.get(service.name) ?? "";
  const awaits = service.dependsOn.flatMap((dependency): Awaited[] => {
    const name = plan.containers.get(dependency.service);
    return name === undefined ? [] : [{ ...dependency, container: name }];
  });
  if (!kept) return plan.add(container, "it is new", { do: "start container", container, awaits }, before);
  const replaced = service.dependsOn.find(({ service, restart }) => restart && plan.starts.has(service));
  const why = replaced && isRunning(kept) ? `service ${replaced.service} was replaced` : ailment(kept, isJob);
  if (why === undefined) return undefined;
  const verb = isRunning(kept) ? "restart container" : "start container";
  return plan.add(container, why, { do: verb, container, awaits }, before);
}

function orphans(stack: Stack, { containers }: Observed): ObservedContainer[] {
  const names = new Set(stack.services.map(({ name }) => name));
  return containers.filter(({ service }) => !names.has(service));
}

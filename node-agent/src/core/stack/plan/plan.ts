import type { ContainerSpec } from "../compose/container-body.ts";
import type { Service, Stack } from "../compose/stack.ts";
import { startOrder } from "../compose/start-order.ts";
import type { Observed, ObservedContainer } from "../observed.ts";
import { driftOf } from "./drift.ts";
import { inheritVolumes } from "./inherit-volumes.ts";
import type { StackOperation } from "./operation.ts";
import { type Choice, choose, type Desired, isRunning, restartReason } from "./plan-choice.ts";
import {
  awaitedBy,
  connectSteps,
  freeName,
  PlanDraft,
  type Removal,
  removeSteps,
  renameSteps,
  routeTo,
  startsBefore,
} from "./plan-draft.ts";
import { type FrontTurn, frontSteps, frontTurn } from "./plan-front.ts";
import { rolloutSteps, servingBeside } from "./plan-rollout.ts";

export interface StackPlan {
  readonly operations: readonly StackOperation[];
  /** The container of each service, by the name it has while the plan begins or is created with. */
  readonly containers: ReadonlyMap<string, string>;
}

/**
 * What it takes to turn the observed machine into the desired one, in an order that can be executed as it stands.
 * Nothing that runs is stopped before everything new is pulled and created, but for what is rolled out: service after
 * service, each new container beside its old one. Pure.
 */
export function planStack(desired: Desired, observed: Observed): StackPlan {
  const plan = new PlanDraft();
  const prepared = prepare(plan, desired, observed);
  const turns = startInputs(startOrder(desired.stack.services).map((service) => choose(service, desired, observed)));
  const early = turns.filter(({ when }) => when === "early");
  const created = new Map(early.map(({ choice }) => [choice, createSteps(plan, choice, prepared)]));
  const ready = [...prepared, ...[...created.values()].flat()];
  const gone = new Map(early.map(({ choice }) => [choice, removeStale(plan, choice, ready)]));
  const orphaned = orphans(desired.stack, observed).map((orphan) => {
    const why = `service ${orphan.service} is not in the stack any more`;
    return removeSteps(plan, orphan, { why, after: ready }).stopped;
  });
  // A port may move from one service to another: it must be free before its new owner starts.
  const stopped = [...orphaned, ...[...gone.values()].flat().map(({ stopped }) => stopped)];
  let before: readonly number[] = prepared;
  for (const { choice, serving, front, when } of turns) {
    if (front) before = [...prepared, frontSteps(plan, choice, front, before)];
    else if (serving) before = [...prepared, rolloutSteps(plan, choice, serving, before)];
    else if (when === "late") lateSteps(plan, choice, { before: [...ready, ...before], stopped });
    else startSteps(plan, choice, { created: created.get(choice) ?? [], gone: gone.get(choice) ?? [], stopped });
  }
  return { operations: plan.operations, containers: plan.containers };
}

/** One service, and when its turn comes: rolled out, before all that, or after what it depends on was rolled out. */
interface StartInput {
  readonly choice: Choice;
  readonly serving?: ObservedContainer;
  /** The same of one that publishes ports. */
  readonly front?: FrontTurn;
  readonly when: "rollout" | "early" | "late";
}

function startInputs(choices: readonly Choice[]): StartInput[] {
  const rolled = new Map<string, boolean>();
  const published = choices.filter(({ kept, service }) => kept === undefined && service.ports.length > 0);
  return choices.map((choice): StartInput => {
    const { service } = choice;
    const serving = servingBeside(choice);
    const front = frontTurn(choice);
    const isBehind = service.dependsOn.some((dependency) => rolled.get(dependency.service) === true);
    rolled.set(service.name, serving !== undefined || front !== undefined || isBehind);
    if (front !== undefined) return { choice, front, when: "rollout" };
    if (serving !== undefined) return { choice, serving, when: "rollout" };
    // A port may be one that a service of before gives up, or has to give up first: they are stopped together.
    return { choice, when: isBehind && published.length < 2 ? "late" : "early" };
  });
}

function prepare(plan: PlanDraft, { stack, specs }: Desired, observed: Observed): number[] {
  const networks = stack.networks.filter(({ name, external }) => !external && !observed.networks.has(name));
  const volumes = stack.volumes.filter(({ name, external }) => !external && !observed.volumes.has(name));
  const pulls = new Map(stack.services.filter((service) => needsPull(service, observed)).map((s) => [s.image, s]));
  return [
    ...networks.map((network) => plan.add(network.name, "it does not exist", { kind: "create network", network })),
    ...volumes.map((volume) => plan.add(volume.name, "it does not exist", { kind: "create volume", volume })),
    ...[...pulls.values()].map((service) => pullStep(plan, service, specs)),
  ];
}

function needsPull({ image, pullPolicy }: Service, observed: Observed): boolean {
  return pullPolicy === "always" ? !image.startsWith("sha256:") : !observed.images.has(image);
}

function pullStep(plan: PlanDraft, { image, name, pullPolicy }: Service, specs: Desired["specs"]): number {
  const platform = specs.get(name)?.platform;
  const why = pullPolicy === "always" ? "its pull_policy is always" : "it is not on this machine";
  return plan.add(image, why, { kind: "pull image", image, ...(platform === undefined ? {} : { platform }) });
}

function createSteps(plan: PlanDraft, choice: Choice, prepared: readonly number[]): number[] {
  const { kept, stale, spec, why } = choice;
  if (kept) {
    const connect = connectSteps(plan, choice, { container: kept.name, on: kept.networks, after: prepared });
    return [...connect, ...updateSteps(plan, kept, spec, prepared)];
  }
  const as = freeName(spec.name, stale);
  const tried = stale.some(isRunning) ? ({ isTried: true } as const) : {};
  const action = { kind: "create container", spec: inheritVolumes(spec, stale), as, ...tried } as const;
  const create = plan.add(as, why, action, prepared);
  const on = Object.keys(spec.body.NetworkingConfig.EndpointsConfig);
  return [create, ...connectSteps(plan, choice, { container: as, on, after: [create] })];
}

// Limits that somebody edited are set again while the container runs: nobody notices.
function updateSteps(
  plan: PlanDraft,
  kept: ObservedContainer,
  spec: ContainerSpec,
  after: readonly number[],
): number[] {
  const drift = driftOf(kept, spec);
  if (drift?.limits === undefined) return [];
  const action = { kind: "update container", container: kept.name, limits: drift.limits } as const;
  return [plan.add(kept.name, `${drift.why}: edited by hand`, action, after)];
}

/** `ready`: everything that must have worked before anything is stopped. */
function removeStale(plan: PlanDraft, choice: Choice, ready: readonly number[]): Removal[] {
  const { kept, stale, standIns, front } = choice;
  const gap = front?.fixed === undefined ? "" : `; with a gap, for ${front.fixed}`;
  const why = kept ? `${kept.name} is the one that stays` : `${choice.why}${gap}`;
  return [...stale, ...standIns].map((container) => removeSteps(plan, container, { why, after: ready }));
}

interface Start {
  created: readonly number[];
  gone: readonly Removal[];
  /** Every stop of the plan that comes before. */
  stopped: readonly number[];
}

function lateSteps(
  plan: PlanDraft,
  choice: Choice,
  { before, stopped }: { before: readonly number[]; stopped: readonly number[] },
): void {
  const created = createSteps(plan, choice, before);
  const gone = removeStale(plan, choice, [...before, ...created]);
  startSteps(plan, choice, { created, gone, stopped: [...stopped, ...gone.map(({ stopped }) => stopped)] });
}

function startSteps(plan: PlanDraft, choice: Choice, { created, gone, stopped }: Start): void {
  const { service, kept } = choice;
  const container = kept?.name ?? createdName(plan, created);
  plan.containers.set(service.name, container);
  const free = service.ports.length > 0 ? stopped : gone.map(({ stopped }) => stopped);
  const start = startStep(plan, choice, [...created, ...free, ...startsBefore(plan, choice)]);
  if (start !== undefined) plan.starts.set(service.name, start);
  const after = [...created, ...gone.map(({ removed }) => removed), ...(start === undefined ? [] : [start])];
  renameSteps(plan, choice, { container, after });
  const isPlain = choice.route === undefined || choice.route === service.name;
  if (isPlain && choice.front?.movedTo === undefined) return;
  // A rollout that was cut off left the name of one container, which may be none any more.
  plan.add(`${service.name} by its name`, "one container has it", routeTo(choice), after);
}

function createdName(plan: PlanDraft, created: readonly number[]): string {
  const action = created[0] === undefined ? undefined : plan.operations[created[0]]?.action;
  if (action?.kind !== "create container") throw new Error("a service has neither a container nor a plan for one");
  return action.as;
}

function startStep(plan: PlanDraft, choice: Choice, before: readonly number[]): number | undefined {
  const { kept, service, isJob } = choice;
  const container = plan.containers.get(service.name) ?? "";
  const awaits = awaitedBy(plan, choice);
  if (!kept) return plan.add(container, "it is new", { kind: "start container", container, awaits }, before);
  const replaced = service.dependsOn.find(({ service, restart }) => restart && plan.starts.has(service));
  const why = replaced && isRunning(kept) ? `service ${replaced.service} was replaced` : restartReason(kept, isJob);
  if (why === undefined) return undefined;
  const verb = isRunning(kept) ? "restart container" : "start container";
  return plan.add(container, why, { kind: verb, container, awaits }, before);
}

function orphans(stack: Stack, { containers }: Observed): ObservedContainer[] {
  const names = new Set(stack.services.map(({ name }) => name));
  return containers.filter(({ service }) => !names.has(service));
}

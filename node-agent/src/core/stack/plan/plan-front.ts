import { isFront } from "../front/front.ts";
import { standInOf } from "../front/stand-in.ts";
import type { ObservedContainer } from "../observed.ts";
import type { Awaited, Undo } from "./operation.ts";
import { type Choice, isRunning, routeOf } from "./plan-choice.ts";
import {
  awaitedBy,
  connectSteps,
  type PlanDraft,
  removeSteps,
  renameSteps,
  routeTo,
  startsBefore,
} from "./plan-draft.ts";

/** A service that publishes ports is replaced: by way of a new stand-in, or of one that has its requests already. */
export interface FrontTurn {
  readonly standIn?: ObservedContainer;
}

/**
 * How long the connections of a container that gives its port away are waited for. The front closes those that idle after
 * 75 s (caddy/Caddyfile), and whoever keeps one for its next request, as the balancer does, closes it sooner.
 */
export const CONNECTIONS_END_MS = 80_000;
const UNHEALTHY = "the new one is not well, and the old one stays";
const isUp = ({ state }: ObservedContainer): boolean => state === "running";

/** Whether a service that publishes ports is to be replaced without a gap, or was left in the middle of that. */
export function frontTurn({ service, stale, kept, standIns, front }: Choice): FrontTurn | undefined {
  if (!isFront(service)) return undefined;
  const moved = standIns.find((container) => isUp(container) && routeOf(container) === front?.movedTo);
  // What it holds ends with it, though nothing new is given to it any more.
  const left = kept !== undefined && isUp(kept) ? standIns.find(isUp) : undefined;
  const standIn = moved ?? left;
  if (standIn !== undefined) return { standIn };
  if (kept !== undefined || front === undefined || front.fixed !== undefined) return undefined;
  const serving = stale.find((container) => isUp(container) && container.anonymousVolumes.size === 0);
  return serving && {};
}

/**
 * A port of the machine has one holder. So the new container is first made as a stand-in with a port of its own; new
 * connections are given to that one, and the old one goes when its own have ended; then the container that is to stay is
 * made, the port is its, and the stand-in goes in the same way. Until the old one goes every step can be taken back.
 */
export function frontSteps(plan: PlanDraft, choice: Choice, turn: FrontTurn, after: readonly number[]): number {
  const standIn = turn.standIn ? standingIn(plan, choice, turn.standIn, after) : newStandIn(plan, choice, after);
  const freed = clear(plan, choice, standIn);
  return settle(plan, choice, standIn, freed);
}

interface StandIn {
  readonly name: string;
  readonly state: ObservedContainer["state"];
  /** Operations after which it has the requests. */
  readonly after: readonly number[];
}

function standingIn(plan: PlanDraft, choice: Choice, serving: ObservedContainer, before: readonly number[]): StandIn {
  const { name, state } = serving;
  const after = [...before, ...removeIdle(plan, choice, serving, before)];
  if (choice.route === routeOf(serving) || !choice.stale.some(isUp)) return { name, state, after };
  const why = "it has the requests already";
  const rollout = choice.service.name;
  const held = plan.add(`${rollout} to ${name}`, why, routeTo(choice, name, true), { after, rollout });
  return { name, state, after: [held] };
}

function newStandIn(plan: PlanDraft, choice: Choice, before: readonly number[]): StandIn {
  const { service } = choice;
  const rollout = service.name;
  const reused = choice.standIns.find(
    ({ hash, state }) => hash === choice.spec.hash && (state === "created" || state === "running"),
  );
  const after = [...before, ...removeIdle(plan, choice, reused, before)];
  const { name, ready } = startStandIn(plan, choice, reused, after);
  const back: Undo = { name: `route service ${rollout} by its name`, why: UNHEALTHY, action: routeTo(choice) };
  const awaits = awaitedAs(choice, name);
  const why = "the port has one holder: it stands in until that one is replaced, and has the requests once it is ready";
  const flip = plan.add(
    `${rollout} to ${name}`,
    why,
    { ...routeTo(choice, name, true), awaits },
    { after: ready, rollout, undo: back },
  );
  return { name, state: "running", after: [watch(plan, choice, name, [flip])] };
}

function watch(plan: PlanDraft, { service }: Choice, container: string, after: readonly number[]): number {
  const forMs = service.update.monitorMs;
  const action = { kind: "watch container", service: service.name, container, forMs } as const;
  return plan.add(container, "whether it stays well under traffic", action, { after, rollout: service.name });
}

const awaitedAs = ({ service }: Choice, container: string): Awaited[] => [
  { service: service.name, container, condition: service.healthcheck === undefined ? "settled" : "service_healthy" },
];

function startStandIn(
  plan: PlanDraft,
  choice: Choice,
  reused: ObservedContainer | undefined,
  after: readonly number[],
): { name: string; ready: readonly number[] } {
  const { service, why } = choice;
  const rollout = service.name;
  const spec = standInOf(choice.spec);
  const name = reused?.name ?? `${spec.name}-stand-in`;
  const undo: Undo = {
    name: `remove container ${name}`,
    why: UNHEALTHY,
    action: { kind: "remove container", container: name },
  };
  const made = reused
    ? []
    : [plan.add(name, why, { kind: "create container", spec, as: name }, { after, rollout, undo })];
  const on = reused?.networks ?? Object.keys(spec.body.NetworkingConfig.EndpointsConfig);
  const connected = connectSteps(plan, choice, { container: name, on, after: [...after, ...made], rollout });
  const ready = [...after, ...made, ...connected, ...startsBefore(plan, choice)];
  if (reused?.state === "running") return { name, ready };
  const action = { kind: "start container", container: name, awaits: awaitedBy(plan, choice) } as const;
  const details = { after: ready, rollout, ...(reused ? { undo } : {}) };
  return { name, ready: [plan.add(name, "it stands in", action, details)] };
}

// Left behind by a boot that was cut off.
function removeIdle(
  plan: PlanDraft,
  { standIns }: Choice,
  used: ObservedContainer | undefined,
  after: readonly number[],
): number[] {
  const idle = standIns.filter((container) => container !== used);
  const why = "nothing is given to it";
  return idle.map((container) => removeSteps(plan, container, { why, after }).removed);
}

/** The old ones go: what is under way in them ends first. From here on there is no way back. */
function clear(plan: PlanDraft, choice: Choice, { after }: StandIn): readonly number[] {
  const { kept, stale, service } = choice;
  const why = kept ? `${kept.name} is the one that stays` : choice.why;
  const removed = stale.map((container) => {
    const drained = isUp(container) ? [drain(plan, choice, container.name, after)] : after;
    return removeSteps(plan, container, { why, after: drained, rollout: service.name, isFinal: true }).removed;
  });
  return [...after, ...removed];
}

function drain(plan: PlanDraft, { service }: Choice, container: string, after: readonly number[]): number {
  const ports = service.ports.map(({ target }) => target);
  const why = "the connections to it come to their end";
  return plan.add(
    container,
    why,
    { kind: "drain container", container, withinMs: CONNECTIONS_END_MS, ports },
    { after, rollout: service.name },
  );
}

/** The container that stays takes its port back, and the stand-in goes as the old one did. Gives the last operation. */
function settle(plan: PlanDraft, choice: Choice, standIn: StandIn, freed: readonly number[]): number {
  const { service } = choice;
  const rollout = service.name;
  const { container, ready } = ownContainer(plan, choice, freed);
  plan.containers.set(rollout, container);
  const awaits = awaitedAs(choice, container);
  const why = "the port is its own once it is ready";
  const back = plan.add(
    `${rollout} to ${container}`,
    why,
    { ...routeTo(choice, container), awaits },
    { after: ready, rollout },
  );
  const drained = drain(plan, choice, standIn.name, [watch(plan, choice, container, [back])]);
  const gone = { why: `${container} is the one that stays`, after: [drained], rollout };
  const { removed } = removeSteps(plan, standIn, gone);
  const after = renameSteps(plan, choice, { container, after: [removed], rollout });
  return plan.add(`${rollout} by its name`, "one container has it now", routeTo(choice), { after, rollout });
}

function ownContainer(
  plan: PlanDraft,
  choice: Choice,
  after: readonly number[],
): { container: string; ready: readonly number[] } {
  const { kept, spec, service } = choice;
  const rollout = service.name;
  const as = spec.name;
  const container = kept?.name ?? as;
  const action = { kind: "create container", spec, as } as const;
  const made = kept ? [] : [plan.add(as, "the port is free now", action, { after, rollout })];
  const on = kept?.networks ?? Object.keys(spec.body.NetworkingConfig.EndpointsConfig);
  const connected = connectSteps(plan, choice, { container, on, after: [...after, ...made], rollout });
  const ready = [...after, ...made, ...connected, ...startsBefore(plan, choice)];
  if (kept && isRunning(kept) && kept.state !== "paused") return { container, ready };
  const verb = kept?.state === "paused" ? "restart container" : "start container";
  const start = { kind: verb, container, awaits: awaitedBy(plan, choice) } as const;
  const id = plan.add(container, kept ? "it is the one that stays" : "it is new", start, { after: ready, rollout });
  plan.starts.set(rollout, id);
  return { container, ready: [id] };
}

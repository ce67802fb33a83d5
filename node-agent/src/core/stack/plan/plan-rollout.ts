import { isFront } from "../front/front.ts";
import type { ObservedContainer } from "../observed.ts";
import type { Awaited, Undo } from "./operation.ts";
import { type Choice, isRunning, routeOf } from "./plan-choice.ts";
import {
  awaitedBy,
  connectSteps,
  type Details,
  freeName,
  type PlanDraft,
  removeSteps,
  renameSteps,
  routeTo,
  startsBefore,
} from "./plan-draft.ts";

/** The container that serves while another one of its service is brought up, where the service asks for that. */
export function servingBeside(choice: Choice): ObservedContainer | undefined {
  const { service, stale, route } = choice;
  if (service.update.order !== "start-first" || isFront(service)) return undefined;
  // What a volume nobody named holds moves on to the successor, and has one owner.
  const running = stale.filter(({ state, anonymousVolumes }) => state === "running" && anonymousVolumes.size === 0);
  const routed = running.find((container) => routeOf(container) === route);
  if (routed !== undefined || isSettled(choice)) return routed;
  return running.find(isWell) ?? running[0];
}

/** Beside a container that serves under its own name, another one is a leftover. */
const isSettled = ({ kept, spec }: Choice): boolean => kept?.state === "running" && kept.name === spec.name;

const isWell = ({ health }: ObservedContainer): boolean => health === "healthy" || health === "none";

const UNHEALTHY = "the new one is not well, and the old one stays";

/**
 * Replaces one container: the new one is made beside the old, traffic goes to it when it is ready, and the old one goes
 * when nothing of it is under way any more. Until then every step can be taken back. Gives the last operation.
 */
export function rolloutSteps(
  plan: PlanDraft,
  choice: Choice,
  serving: ObservedContainer,
  after: readonly number[],
): number {
  const { service, route } = choice;
  const rollout = service.name;
  const why = choice.kept ? `${choice.kept.name} is the one that stays` : choice.why;
  const free = [...after, ...removeIdle(plan, choice, serving, { why, after })];
  const held = holdTraffic(plan, choice, serving, free);
  const { container, ready } = newContainer(plan, choice, serving, held);
  plan.containers.set(service.name, container);
  const condition = service.healthcheck === undefined ? "settled" : "service_healthy";
  const awaits: Awaited[] = [{ service: service.name, container, condition }];
  const back: Undo = {
    name: `route service ${service.name} to ${serving.name}`,
    why: UNHEALTHY,
    action: routeTo(choice, serving.name),
  };
  const isRouted = choice.kept !== undefined && routeOf(choice.kept) === route;
  const flip = plan.add(
    `${service.name} to ${container}`,
    isRouted ? "it serves already" : "requests go to it once it is ready",
    { ...routeTo(choice, container), awaits },
    { after: ready, rollout, undo: back },
  );
  const watched = plan.add(
    container,
    "whether it stays well under traffic",
    { kind: "watch container", service: service.name, container, forMs: service.update.monitorMs },
    { after: [flip], rollout },
  );
  return retire(plan, choice, { serving, container, why, watched });
}

// Left behind by a rollout that was cut off: at most one container more than services.
function removeIdle(
  plan: PlanDraft,
  { stale }: Choice,
  serving: ObservedContainer,
  removal: { why: string; after: readonly number[] },
): number[] {
  const idle = stale.filter((container) => container !== serving);
  return idle.map((container) => removeSteps(plan, container, removal).removed);
}

// Both containers have the service's name on the network; until the new one is ready requests go to the old one alone.
function holdTraffic(
  plan: PlanDraft,
  choice: Choice,
  serving: ObservedContainer,
  after: readonly number[],
): readonly number[] {
  const { service, kept, route } = choice;
  const isHeld = route === routeOf(serving) || (kept !== undefined && route === routeOf(kept));
  if (isHeld) return after;
  const undo: Undo = {
    name: `route service ${service.name} by its name`,
    why: UNHEALTHY,
    action: routeTo(choice),
  };
  const action = routeTo(choice, serving.name);
  const hold = plan.add(`${service.name} to ${serving.name}`, "until the new one is ready", action, {
    after,
    rollout: service.name,
    undo,
  });
  return [...after, hold];
}

interface NewContainer {
  readonly container: string;
  /** Operations after which it runs. */
  readonly ready: readonly number[];
}

function newContainer(
  plan: PlanDraft,
  choice: Choice,
  serving: ObservedContainer,
  after: readonly number[],
): NewContainer {
  const { service, kept, spec, why } = choice;
  const rollout = service.name;
  const container = kept?.name ?? freeName(spec.name, [serving]);
  const undo: Undo = {
    name: `remove container ${container}`,
    why: UNHEALTHY,
    action: { kind: "remove container", container },
  };
  const made = kept
    ? []
    : [plan.add(container, why, { kind: "create container", spec, as: container }, { after, rollout, undo })];
  const on = kept?.networks ?? Object.keys(spec.body.NetworkingConfig.EndpointsConfig);
  const connected = connectSteps(plan, choice, { container, on, after: [...after, ...made], rollout });
  const before = [...after, ...made, ...connected, ...startsBefore(plan, choice)];
  if (kept && isRunning(kept) && kept.state !== "paused") return { container, ready: before };
  const start = startNew(plan, choice, container, { after: before, rollout, ...(kept ? { undo } : {}) });
  return { container, ready: [start] };
}

function startNew(plan: PlanDraft, choice: Choice, container: string, details: Details): number {
  const { service, kept } = choice;
  const verb = kept?.state === "paused" ? "restart container" : "start container";
  const action = { kind: verb, container, awaits: awaitedBy(plan, choice) } as const;
  const start = plan.add(container, kept ? "it is the one that stays" : "it is new", action, details);
  plan.starts.set(service.name, start);
  return start;
}

interface Retirement {
  readonly serving: ObservedContainer;
  readonly container: string;
  readonly why: string;
  readonly watched: number;
}

function retire(plan: PlanDraft, choice: Choice, { serving, container, why, watched }: Retirement): number {
  const { service } = choice;
  const rollout = service.name;
  const drain = plan.add(
    serving.name,
    "what is under way in it comes to its end",
    { kind: "drain container", container: serving.name, withinMs: (service.stopSeconds ?? 10) * 1_000 },
    { after: [watched], rollout },
  );
  const { removed } = removeSteps(plan, serving, { why, after: [drain], rollout, isFinal: true });
  const after = renameSteps(plan, choice, { container, after: [removed], rollout });
  return plan.add(`${service.name} by its name`, "one container has it now", routeTo(choice), { after, rollout });
}

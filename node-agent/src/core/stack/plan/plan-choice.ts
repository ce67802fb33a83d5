import type { ContainerSpec } from "../compose/container-body.ts";
import type { Service, Stack } from "../compose/stack.ts";
import type { Front } from "../front/front.ts";
import type { Observed, ObservedContainer } from "../observed.ts";
import { changesOf } from "./changes.ts";
import { driftOf } from "./drift.ts";

export interface Desired {
  readonly stack: Stack;
  /** By service. */
  readonly specs: ReadonlyMap<string, ContainerSpec>;
}

/** What happens to one service: which container stays, which go, and why. */
export interface Choice {
  readonly service: Service;
  readonly spec: ContainerSpec;
  /** The container that is right already. */
  readonly kept?: ObservedContainer;
  readonly stale: readonly ObservedContainer[];
  /** Those that hold its requests while its own container is replaced. */
  readonly standIns: readonly ObservedContainer[];
  /** Of a service that publishes ports and is replaced start-first. */
  readonly front?: Front;
  /** Why there is no such container. */
  readonly why: string;
  readonly isJob: boolean;
  /** Whom Caddy asks for the service, where something is written of it. */
  readonly route?: string;
}

/** The name a container has on the network whatever it is called: the engine gives it. */
export const routeOf = ({ id }: Pick<ObservedContainer, "id">): string => id.slice(0, 12);

export function choose(service: Service, { stack, specs }: Desired, observed: Observed): Choice {
  const spec = specs.get(service.name);
  if (!spec) throw new Error(`no container was specified for service ${service.name}`);
  const all = observed.containers.filter((container) => container.service === service.name);
  const own = all.filter(({ isStandIn }) => isStandIn === undefined);
  const usable = own.filter((container) => difference(container, spec) === undefined && isUsable(container));
  const [kept] = usable.sort((a, b) => rank(a, spec) - rank(b, spec));
  const stale = own.filter((container) => container !== kept);
  const route = observed.routes.get(service.name);
  const front = observed.fronts?.get(service.name);
  return {
    service,
    spec,
    ...(kept === undefined ? {} : { kept }),
    ...(route === undefined ? {} : { route }),
    ...(front === undefined ? {} : { front }),
    stale,
    standIns: all.filter((container) => !own.includes(container)),
    why: createReason(stale, spec),
    isJob: isJob(service, stack),
  };
}

const isUsable = ({ state }: ObservedContainer): boolean => state !== "removing" && state !== "dead";

const rank = ({ state, name }: ObservedContainer, spec: ContainerSpec): number =>
  (state === "running" ? 0 : 2) + (name === spec.name ? 0 : 1);

function difference(container: ObservedContainer, spec: ContainerSpec): string | undefined {
  const { hash, made } = container;
  if (hash === spec.hash) return irreversibleDrift(container, spec);
  if (hash === "") return "its maker is not this agent";
  const changes = changesOf(made, spec.body);
  return changes === undefined ? "its definition changed" : `changed: ${changes}`;
}

function irreversibleDrift(container: ObservedContainer, spec: ContainerSpec): string | undefined {
  const drift = driftOf(container, spec);
  return drift === undefined || drift.limits !== undefined ? undefined : `${drift.why}: edited by hand`;
}

function createReason(stale: readonly ObservedContainer[], spec: ContainerSpec): string {
  const [old] = stale;
  if (!old) return "it does not exist";
  return difference(old, spec) ?? `the old one is ${old.state}`;
}

export const isRunning = ({ state }: Pick<ObservedContainer, "state">): boolean =>
  state === "running" || state === "paused" || state === "restarting";

/** Why a container that is right does not do its work. */
export function restartReason(
  { state, health, exitCode, oomKilled }: ObservedContainer,
  isJob: boolean,
): string | undefined {
  if (state === "paused") return "it is paused";
  if (state === "running") return health === "unhealthy" ? "it is unhealthy" : undefined;
  if (state === "restarting") return undefined;
  if (state === "created") return "it was never started";
  if (isJob && exitCode === 0) return undefined;
  return `it ended with code ${exitCode}${oomKilled === true ? ", out of memory" : ""}`;
}

/** A service that is over when it has ended well: others wait for that, or nothing restarts it. */
function isJob({ name, host }: Service, { services }: Stack): boolean {
  const restart = (host.RestartPolicy as { Name: string } | undefined)?.Name ?? "no";
  return (
    restart === "no" ||
    services.some(({ dependsOn }) =>
      dependsOn.some(({ service, condition }) => service === name && condition === "service_completed_successfully"),
    )
  );
}

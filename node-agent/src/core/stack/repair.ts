import type { ContainerSpec } from "./compose/container-body.ts";
import type { Stack } from "./compose/stack.ts";
import type { Observed, ObservedContainer } from "./observed.ts";
import type { StackOperation } from "./plan/operation.ts";
import { type Desired, isRunning, restartReason } from "./plan/plan-choice.ts";

/**
 * The part of a stack and of the machine that a repair is about. What it finds was made by a boot and counts as right,
 * whatever has been rendered since: a repair starts what stopped, and never moves a service to another version.
 */
export function repairedPart(
  { stack, specs }: Desired,
  observed: Observed,
  services: readonly string[],
): { desired: Desired; observed: Observed } {
  const part = stack.services.filter(({ name }) => isMeant(name, services));
  const names = new Set(part.map(({ name }) => name));
  const own = observed.containers.filter(({ service }) => names.has(service));
  return {
    desired: { stack: { ...stack, services: part } satisfies Stack, specs },
    observed: { ...observed, containers: own.map((container) => asMade(container, specs.get(container.service))) },
  };
}

/** By name; every service when none is named. */
const isMeant = (service: string, services: readonly string[]): boolean =>
  services.length === 0 || services.includes(service);

const endsByItself = ({ restartPolicy = "no" }: ObservedContainer): boolean => ["", "no"].includes(restartPolicy);

/** Starts what there is as it was made, and asks no release: the last one that came may be no good. */
export function planRestart(containers: readonly ObservedContainer[], services: readonly string[]): StackOperation[] {
  const meant = containers.filter(({ service }) => isMeant(service, services));
  const ailing = meant.flatMap((container) => {
    const why = container.health === "unhealthy" ? undefined : restartReason(container, endsByItself(container));
    return why === undefined ? [] : [{ container, why }];
  });
  return ailing.map(({ container, why }, id) => {
    const verb = isRunning(container) ? "restart container" : "start container";
    return {
      id,
      name: `${verb} ${container.name}`,
      why,
      action: { kind: verb, container: container.name, awaits: [] },
      after: [],
    };
  });
}

// An unhealthy one runs: what its check waits for is often elsewhere, and a restart would cost what still works.
function asMade(container: ObservedContainer, spec: ContainerSpec | undefined): ObservedContainer {
  const hash = container.hash === "" || spec === undefined ? container.hash : spec.hash;
  return { ...container, hash, health: container.health === "unhealthy" ? "none" : container.health };
}

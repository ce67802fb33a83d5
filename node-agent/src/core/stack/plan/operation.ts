import type { ContainerSpec, Endpoint } from "../compose/container-body.ts";
import type { Condition, StackNetwork, StackVolume } from "../compose/stack.ts";
import type { Limits } from "../engine.ts";
import type { FrontPort } from "../front/front.ts";

/** A service that must have come so far before a container is started. */
export interface Awaited {
  readonly service: string;
  /** By the name it has when the plan begins or is created with. */
  readonly container: string;
  /** Settled: running, and healthy where it has a health check. */
  readonly condition: Condition | "settled";
}

/** What is done, with all it takes to do it; each but the last three and a trial is exactly one call of the Docker API. */
export type Action =
  | { readonly kind: "create network"; readonly network: StackNetwork }
  | { readonly kind: "create volume"; readonly volume: StackVolume }
  | { readonly kind: "pull image"; readonly image: string; readonly platform?: string }
  | {
      readonly kind: "create container";
      readonly spec: ContainerSpec;
      readonly as: string;
      /** That one is stopped for it: first it is tried whether the engine can start this one. */
      readonly isTried?: true;
    }
  | {
      readonly kind: "connect container";
      readonly container: string;
      readonly network: string;
      readonly endpoint: Endpoint;
    }
  | { readonly kind: "update container"; readonly container: string; readonly limits: Limits }
  | { readonly kind: "stop container"; readonly container: string }
  | { readonly kind: "remove container"; readonly container: string }
  | { readonly kind: "rename container"; readonly container: string; readonly to: string }
  | { readonly kind: "start container"; readonly container: string; readonly awaits: readonly Awaited[] }
  | { readonly kind: "restart container"; readonly container: string; readonly awaits: readonly Awaited[] }
  | RolloutAction;

/** How traffic moves from one container of a service to another. */
export type RolloutAction =
  | {
      /** Whom Caddy asks for a service: one container, or whoever has the service's name. */
      readonly kind: "route service";
      readonly service: string;
      readonly container?: string;
      readonly awaits: readonly Awaited[];
      readonly front?: FrontMove;
    }
  | { readonly kind: "watch container"; readonly service: string; readonly container: string; readonly forMs: number }
  | {
      readonly kind: "drain container";
      readonly container: string;
      readonly withinMs: number;
      readonly ports?: readonly number[];
    };

/** New connections to a service's ports of the machine: given to a stand-in, or to whoever publishes them. */
export interface FrontMove {
  readonly ports: readonly FrontPort[];
  readonly isStandIn: boolean;
}

/** What takes a step back. */
export interface Undo {
  readonly name: string;
  readonly why: string;
  readonly action: Action;
}

/** One step of a plan, as people and the executor see it. */
export interface StackOperation {
  readonly id: number;
  /** Verb and target, as in `create container greenleaf-caddy-1`. */
  readonly name: string;
  readonly why: string;
  readonly action: Action;
  /** Operations that must be over before this one. */
  readonly after: readonly number[];
  /** The service that is rolled out by it: when that fails, its steps are taken back, the last one first. */
  readonly rollout?: string;
  readonly undo?: Undo;
  /** From here on there is no way back: the old container goes. */
  readonly isFinal?: true;
}

/** `[2] start container gl-web-1 (it is new) after 0, 1`: one line an operation. */
export function planText(operations: readonly StackOperation[]): string {
  return operations
    .map(
      ({ id, name, why, after }) => `[${id}] ${name} (${why})${after.length > 0 ? ` after ${after.join(", ")}` : ""}`,
    )
    .join("\n");
}

import type { ContainerSpec, Endpoint } from "./compose/container-body.ts";
import type { Condition, StackNetwork, StackVolume } from "./compose/stack.ts";

/** A service that must have come so far before a container is started. */
export interface Awaited {
  readonly service: string;
  /** By the name it has when the plan begins or is created with. */
  readonly container: string;
  readonly condition: Condition;
}

/** What is done, with all it takes to do it; each is exactly one call of the Docker API. */
export type Action =
  | { readonly do: "create network"; readonly network: StackNetwork }
  | { readonly do: "create volume"; readonly volume: StackVolume }
  | { readonly do: "pull image"; readonly image: string; readonly platform?: string }
  | { readonly do: "create container"; readonly spec: ContainerSpec; readonly as: string }
  | {
      readonly do: "connect container";
      readonly container: string;
      readonly network: string;
      readonly endpoint: Endpoint;
    }
  | { readonly do: "stop container"; readonly container: string }
  | { readonly do: "remove container"; readonly container: string }
  | { readonly do: "rename container"; readonly container: string; readonly to: string }
  | { readonly do: "start container"; readonly container: string; readonly awaits: readonly Awaited[] }
  | { readonly do: "restart container"; readonly container: string; readonly awaits: readonly Awaited[] };

/** One step of a plan, as people and the executor see it. */
export interface StackOperation {
  readonly id: number;
  /** Verb and target, as in `create container greenleaf-caddy-1`. */
  readonly name: string;
  readonly why: string;
  readonly action: Action;
  /** Operations that must be over before this one. */
  readonly after: readonly number[];
}

/** `[2] start container gl-web-1 (it is new) after 0, 1`: one line an operation. */
export function planText(operations: readonly StackOperation[]): string {
  return operations
    .map(
      ({ id, name, why, after }) => `[${id}] ${name} (${why})${after.length > 0 ? ` after ${after.join(", ")}` : ""}`,
    )
    .join("\n");
}

import type { Role, System } from "../ami/bake.ts";

/** A golden image that launch templates take now, and what it was baked on. */
export interface GoldenImage {
  readonly image: string;
  readonly system: System;
}

/** An environment as it is before a patch. */
export interface PatchFacts {
  readonly environment: string;
  /** By role; a role without one starts from its distribution's newest image. */
  readonly golden: Readonly<Partial<Record<Role, GoldenImage>>>;
  /** Names of its Auto Scaling groups. */
  readonly groups: readonly string[];
}

export type PatchStep =
  | { readonly do: "publish"; readonly why: string }
  | { readonly do: "bake"; readonly role: Role; readonly system: System; readonly why: string }
  | { readonly do: "refresh"; readonly role: Role; readonly group: string; readonly why: string };

export type Refresh = Extract<PatchStep, { do: "refresh" }>;

/** A router's group is named by its zone, and there is one of each. */
export const routerZone = (environment: string, group: string): string | undefined =>
  group.startsWith(`greenleaf-${environment}-router-`)
    ? group.slice(`greenleaf-${environment}-router-`.length)
    : undefined;

/**
 * What brings an environment up to date. The release comes first, for the golden app image brings its containers along;
 * then the app nodes, then the routers, one zone after the other. Empty for an environment without app nodes.
 */
export function patchPlan({ environment, golden, groups }: PatchFacts): readonly PatchStep[] {
  const app = `greenleaf-${environment}-app`;
  if (!groups.includes(app)) return [];
  const routers = groups.filter((group) => routerZone(environment, group) !== undefined).toSorted();
  return [
    { do: "publish", why: "container images built again, with Debian's present packages" },
    ...bakes(golden, "app", "with every update of its system and the new release's containers"),
    ...(routers.length > 0 ? bakes(golden, "router", "with every update of its system") : []),
    { do: "refresh", role: "app", group: app, why: "new nodes first, the old ones after them" },
    ...routers.map((group, at): Refresh => ({ do: "refresh", role: "router", group, why: routerWhy(routers, at) })),
  ];
}

function bakes(golden: PatchFacts["golden"], role: Role, why: string): readonly PatchStep[] {
  const system = golden[role]?.system;
  return system === undefined ? [] : [{ do: "bake", role, system, why }];
}

function routerWhy(routers: readonly string[], at: number): string {
  if (routers.length === 1) return "the only router: nothing leaves the private subnets until the new one serves";
  return at === 0 ? "while the other zone's router serves both" : "once the zone before it is served by its new router";
}

/** A step as a person reads it. */
export function stepText(step: PatchStep): string {
  if (step.do === "publish") return `publish a release: ${step.why}`;
  if (step.do === "bake") return `bake the ${step.role} image on ${step.system}: ${step.why}`;
  return `replace the nodes of ${step.group}: ${step.why}`;
}

interface Node {
  readonly environment: string;
  readonly role: string;
  readonly zone: string;
  readonly state: string;
  readonly lifecycle: string;
  readonly image: string;
}

const isOf = (node: Node, environment: string, { role, group }: Refresh): boolean => {
  const zone = routerZone(environment, group);
  return node.environment === environment && node.role === role && (zone === undefined || node.zone === zone);
};

/** Why a router may not be taken out now: the zone it leaves needs another that serves. Undefined where it may. */
export function cannotReplace(step: Refresh, environment: string, all: readonly Node[]): string | undefined {
  const routers = all.filter((node) => node.environment === environment && node.role === "router");
  const others = routers.filter((node) => !isOf(node, environment, step));
  if (step.role === "app" || others.length === 0) return undefined;
  if (others.every(({ state, lifecycle }) => state === "running" && lifecycle === "InService")) return undefined;
  const told = others.map(({ zone, state, lifecycle }) => `the router of ${zone} is ${state}, ${lifecycle}`);
  return told.join("; ");
}

/** Whether some node of a group already runs the image that is taken back, so that the group must be replaced again. */
export const isHalfMoved = (step: Refresh, environment: string, all: readonly Node[], image: string): boolean =>
  all.some((node) => isOf(node, environment, step) && node.image === image);

import { UnhealthyError } from "../../node-agent/src/base/errors.ts";
import type { Role, System } from "../ami/bake.ts";
import type { FleetNode } from "../fleet/nodes.ts";
import { cannotReplace, isHalfMoved, type PatchFacts, type PatchStep, type Refresh } from "./plan.ts";

/** What a patch does to the world, so that its order and its ways back can be tried without one. */
export interface PatchDeeds {
  /** Publishes a release; its id. No node runs it yet. */
  publish(): Promise<string>;
  /** Bakes an image with a release's containers; its id. No launch template finds it yet. */
  bake(role: Role, system: System, release: string): Promise<string>;
  /** What the next node of a role starts from. */
  setImage(role: Role, image: string): Promise<void>;
  /** Moves the app nodes to a release by refresh; when it fails the release is put back. */
  moveApp(release: string): Promise<void>;
  /** Replaces every node of a group with what its launch template names now. */
  replace(step: Refresh): Promise<void>;
  nodes(): Promise<readonly FleetNode[]>;
  /** Runs the part that changes the environment while nobody else moves it. */
  alone<Value>(move: () => Promise<Value>): Promise<Value>;
  say(text: string): void;
}

/** Publishes and bakes first: what fails there has changed nothing of the environment. */
export async function executePatch(facts: PatchFacts, plan: readonly PatchStep[], deeds: PatchDeeds): Promise<void> {
  const release = await deeds.publish();
  const baked = new Map<Role, string>();
  for (const step of plan) {
    if (step.do === "bake") baked.set(step.role, await deeds.bake(step.role, step.system, release));
  }
  await deeds.alone(async () => {
    for (const step of plan) if (step.do === "refresh") await move(step, { facts, deeds, release, baked });
  });
}

interface Moving {
  readonly facts: PatchFacts;
  readonly deeds: PatchDeeds;
  readonly release: string;
  readonly baked: ReadonlyMap<Role, string>;
}

/** One group to its new image; the first that fails goes back and ends the patch, so that the next ones stay as they are. */
async function move(step: Refresh, { facts, deeds, release, baked }: Moving): Promise<void> {
  const { environment, golden } = facts;
  const why = cannotReplace(step, environment, await deeds.nodes());
  if (why !== undefined) throw routerAway(step, why);
  const [before, image] = [golden[step.role]?.image, baked.get(step.role)];
  try {
    if (image !== undefined) await deeds.setImage(step.role, image);
    await (step.role === "app" ? deeds.moveApp(release) : deeds.replace(step));
  } catch (error) {
    if (before !== undefined && image !== undefined) await back(step, { environment, deeds, before, image });
    throw error;
  }
}

interface Back {
  readonly environment: string;
  readonly deeds: PatchDeeds;
  readonly before: string;
  readonly image: string;
}

/** What fails on the way back is said and no more: the error that led here is the one to read. */
async function back(step: Refresh, { environment, deeds, before, image }: Back): Promise<void> {
  try {
    await deeds.setImage(step.role, before);
    deeds.say(`the ${step.role} image of ${environment} is ${before} again: new nodes start from that`);
    if (!isHalfMoved(step, environment, await deeds.nodes(), image)) return;
    await deeds.replace(step);
    deeds.say(`${step.group} runs ${before} again`);
  } catch (error) {
    const told = error instanceof Error ? error.message : String(error);
    deeds.say(`${step.group} could not be taken back: ${told}; look at ./greenleaf fleet status`);
  }
}

function routerAway({ group }: Refresh, why: string): UnhealthyError {
  return new UnhealthyError(`patch: ${group} is left as it is`, {
    code: "patch.router-away",
    why: `${why}: without it and this one no zone had a way out`,
    fix: "bring that router back (docs/runbook-router.md), then run the same command again",
  });
}

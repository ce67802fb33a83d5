import { ACCEPTED_RELEASE_PATH, STATUS_PATH } from "../../base/paths.ts";
import { withhold } from "../../core/config/redact.ts";
import { parseTemplates } from "../../core/config/templates/template.ts";
import { parseStatus } from "../../core/node/status/status.ts";
import type { Stack } from "../../core/stack/compose/stack.ts";
import type { ObservedContainer } from "../../core/stack/observed.ts";
import type { StackOperation } from "../../core/stack/plan/operation.ts";
import { planStack } from "../../core/stack/plan/plan.ts";
import { planRestart, repairedPart } from "../../core/stack/repair.ts";
import type { World } from "../../world.ts";
import { awaitEngine } from "../boot/engine.ts";
import { readDocument } from "../boot/identify.ts";
import { keptEnvironment, redactKept } from "../boot/kept-environment.ts";
import { release } from "../boot/release.ts";
import { type Boot, type Phase, Sequence } from "../phase.ts";
import type { Fetched, Identified, Released, Templated } from "../stages.ts";
import { executePlan } from "./execute/execute-plan.ts";
import { healthWatch } from "./health-watch.ts";
import { observeStack } from "./observe.ts";
import { releaseInput } from "./release-input.ts";
import { contextOf } from "./stack.ts";
import { readStack, specify } from "./stack-input.ts";

/** Of each ailing container that many lines. */
const LAST_LINES = 8;

type Known = Identified & Released & Fetched;

export interface RepairOrder {
  /** By name; every service when empty. */
  readonly services: readonly string[];
  /** Gets the last lines of the services' containers, by service, without what is secret. */
  readonly lines: Map<string, string>;
}

/**
 * What a repair does, in order: as a boot, but of the release that runs, with the environment that lies there. After a
 * boot that failed nobody knows whether that release is any good: what there is is started, and nothing made.
 */
export async function repairPhases(world: World, order: RepairOrder): Promise<Sequence> {
  const verdict = parseStatus(await world.files.read(STATUS_PATH))?.verdict;
  if (verdict !== "ready" && verdict !== "degraded") return Sequence.of().next(keptNode).next(restart(order));
  return Sequence.of().next(keptNode).next(release).next(keptSecrets).next(repair(order));
}

/** Who this machine is, without metadata and AWS: a repair needs neither. */
const keptNode: Phase<unknown, Identified> = {
  name: "identify",
  run: async (boot) => {
    const document = await readDocument(boot.world);
    const accepted = `file://${boot.world.files.path(ACCEPTED_RELEASE_PATH)}`;
    const region = document.region ?? "";
    const aws = boot.world.aws({ region, endpoints: document.endpoints });
    return { learned: { node: { document: { ...document, release: accepted }, region }, aws } };
  },
};

const keptSecrets: Phase<Identified & Templated, Fetched> = {
  name: "fetch",
  run: async (boot) => {
    const parsed = Object.assign(boot, { schema: parseTemplates(boot.templates) });
    const kept = await keptEnvironment(parsed);
    const redact = kept === undefined ? withhold : redactKept(parsed, kept);
    return { learned: { schema: parsed.schema, values: undefined, redact } };
  },
};

const repair = (order: RepairOrder): Phase<Known> => ({
  name: "stack",
  run: async (boot) => {
    await awaitEngine(boot.world);
    await converge(boot, order);
    return undefined;
  },
});

const restart = ({ services }: RepairOrder): Phase<Identified> => ({
  name: "stack",
  run: async (boot) => {
    await awaitEngine(boot.world);
    const { project } = boot.node.document;
    const nothing: Stack = { project, file: "", folder: "/", services: [], networks: [], volumes: [] };
    const { containers } = await observeStack(boot.world, nothing);
    await execute(Object.assign(boot, { redact: withhold }), nothing, {
      containers,
      operations: planRestart(containers, services),
    });
    return undefined;
  },
});

// Not waited for at the end: the daemon looks on, and another service may fail meanwhile.
async function converge(boot: Boot & Known, { services, lines }: RepairOrder): Promise<void> {
  const { world } = boot;
  const source = await readStack(world, releaseInput(boot));
  const seen = await observeStack(world, source.stack);
  const specs = specify(source, { images: seen.images, digest: world.digest });
  const { desired, observed } = repairedPart({ stack: source.stack, specs }, seen, services);
  const { operations } = planStack(desired, observed);
  const { redact } = boot;
  // Before a container is replaced, and its last words with it.
  for (const { service, name } of observed.containers) {
    lines.set(service, redact(await world.engine.logs(name, LAST_LINES)).trimEnd());
  }
  await execute(boot, source.stack, { containers: observed.containers, operations });
}

interface Planned {
  readonly containers: readonly ObservedContainer[];
  readonly operations: readonly StackOperation[];
}

async function execute(
  boot: Boot & Pick<Fetched, "redact">,
  stack: Stack,
  { containers, operations }: Planned,
): Promise<void> {
  const { world, tell, progress, redact, healthyWithinMs, mode } = contextOf(boot);
  if (mode === "plan") return operations.forEach(tell);
  const watch = healthWatch(world, { redact, withinMs: healthyWithinMs });
  const ids = new Map(containers.map(({ name, id }) => [name, id]));
  await executePlan({ world, stack, watch, ids, tell, progress }, operations);
}

import { ConfigurationError, TemporaryError } from "../../../base/errors.ts";
import type { ContainerSpec } from "../../../core/stack/compose/container-body.ts";
import { networkLabels, volumeLabels } from "../../../core/stack/compose/labels.ts";
import type { Stack, StackNetwork } from "../../../core/stack/compose/stack.ts";
import type { Action, StackOperation } from "../../../core/stack/plan/operation.ts";
import type { World } from "../../../world.ts";
import type { HealthWatch } from "../health-watch.ts";
import { actOnTraffic, Rollouts } from "./rollout.ts";
import { faultOf, tryContainer } from "./trial.ts";

/** What one action needs. */
export interface ActionContext {
  readonly world: World;
  readonly stack: Stack;
  /** Ids of the containers that were there or are made, by name. */
  readonly ids: Map<string, string>;
  /** What the containers are made from that the plan makes. */
  readonly specs?: Map<string, ContainerSpec>;
  /** Missing where nothing is rolled out: a job. */
  readonly watch?: HealthWatch;
  readonly progress: (message: string) => void;
}

export interface Execution extends ActionContext {
  readonly watch: HealthWatch;
  /** Told when an operation begins. */
  readonly tell: (operation: Pick<StackOperation, "name" | "why">) => void;
}

/**
 * Executes a plan: each operation as soon as those it comes after are over. Decides nothing. Throws the first failure,
 * once every rollout that is unfinished has been taken back.
 */
export async function executePlan(begun: Execution, operations: readonly StackOperation[]): Promise<void> {
  const execution = { ...begun, specs: new Map<string, ContainerSpec>() };
  const rollouts = new Rollouts();
  const failure = await failureOf(execution, operations, rollouts);
  if (failure === undefined) return;
  throw await rollouts.takeBack(failure, async (undo, action) => {
    execution.tell(undo);
    await act(execution, action);
  });
}

async function failureOf(
  execution: Execution,
  operations: readonly StackOperation[],
  rollouts: Rollouts,
): Promise<Error | undefined> {
  const finished = new Map<number, Promise<void>>();
  let failed = false;
  for (const operation of operations) {
    const before = operation.after.flatMap((id): Array<Promise<void>> => {
      const one = finished.get(id);
      return one ? [one] : [];
    });
    const run = async () => {
      await Promise.all(before);
      if (failed) throw new SkippedOperation();
      rollouts.begin(operation);
      try {
        await execute(execution, operation);
      } catch (error) {
        failed = true;
        throw error;
      }
    };
    finished.set(operation.id, run());
  }
  const results = await Promise.allSettled(finished.values());
  const reasons = results.flatMap((result) => (result.status === "rejected" ? [result.reason as Error] : []));
  return reasons.find((reason) => !(reason instanceof SkippedOperation));
}

/** An operation that was not begun, because another one failed. */
class SkippedOperation extends Error {}

async function execute(execution: Execution, operation: StackOperation): Promise<void> {
  const { action } = operation;
  if ("awaits" in action && action.awaits.length > 0) {
    await execution.watch.reach(
      action.awaits.map((awaited) => ({ ...awaited, container: idOf(execution, awaited.container) })),
    );
  }
  execution.tell(operation);
  for (let tries = 1; ; tries += 1) {
    try {
      return await act(execution, action);
    } catch (error) {
      const fault = await refusalFault(execution, action, error);
      if (fault !== "passing" || tries === TRIES) throw named(operation, fault === "passing" ? error : fault);
      await execution.world.clock.sleep(TRY_AGAIN_MS);
    }
  }
}

/** Of a container that the engine refuses and would have taken a moment later. */
const TRIES = 3;
const TRY_AGAIN_MS = 1_000;

/** A container that the engine does not make or start: whose fault that is. */
async function refusalFault({ world, specs }: Execution, action: Action, error: unknown): Promise<unknown> {
  const spec = refusedSpec(action, specs);
  return spec !== undefined && isEngineFailure(error) ? faultOf(world, spec, error) : error;
}

function refusedSpec(action: Action, specs: Execution["specs"]): ContainerSpec | undefined {
  if (action.kind === "start container") return specs?.get(action.container);
  // One that was tried has been judged.
  return action.kind === "create container" && !action.isTried ? action.spec : undefined;
}

/** The engine is asked by id; people know their containers by name. */
function named({ name }: StackOperation, error: unknown): unknown {
  const what = `stack: ${name} failed`;
  if (error instanceof ConfigurationError) {
    const { why, fix, problems, cause } = error;
    return new ConfigurationError(what, { code: "stack.operation", why, fix, problems, cause });
  }
  if (!isEngineFailure(error)) return error;
  const { why, fix, cause } = error;
  return new TemporaryError(what, { code: "engine.failed", why, fix, cause });
}

const isEngineFailure = (error: unknown): error is TemporaryError =>
  error instanceof TemporaryError && error.code === "engine.failed";

const idOf = ({ ids }: ActionContext, name: string): string => ids.get(name) ?? name;

/** One call of the Docker API, or one step of moving traffic. */
export async function act(execution: ActionContext, action: Action): Promise<void> {
  const { engine } = execution.world;
  switch (action.kind) {
    case "create network":
      return engine.createNetwork(networkBody(execution.stack, action.network));
    case "create volume": {
      const { name, driver, options } = action.volume;
      const Labels = volumeLabels(execution.stack, action.volume);
      return engine.createVolume({
        Name: name,
        Labels,
        DriverOpts: options,
        ...(driver === "" ? {} : { Driver: driver }),
      });
    }
    case "pull image": {
      const { image, platform } = action;
      return engine.pull(image, { progress: execution.progress, ...(platform === undefined ? {} : { platform }) });
    }
    case "create container":
      return createContainer(execution, action);
    case "connect container":
      return engine.connect(action.network, idOf(execution, action.container), action.endpoint);
    case "route service":
    case "watch container":
    case "drain container":
      return actOnTraffic(execution, action);
    default:
      return run(execution, action);
  }
}

async function createContainer(
  { world, stack, ids, specs }: ActionContext,
  { as, spec, isTried }: Extract<Action, { kind: "create container" }>,
): Promise<void> {
  if (isTried) await tryContainer(world, stack.project, spec);
  ids.set(as, await world.engine.create(as, spec.body, spec.platform));
  specs?.set(as, spec);
}

type RunAction = Extract<
  Action,
  {
    kind:
      | "stop container"
      | "remove container"
      | "start container"
      | "restart container"
      | "rename container"
      | "update container";
  }
>;

function run(execution: ActionContext, action: RunAction): Promise<void> {
  const { engine } = execution.world;
  const id = idOf(execution, action.container);
  switch (action.kind) {
    case "stop container":
      return engine.stop(id);
    case "remove container":
      // Its anonymous volumes may have moved on to its successor.
      return engine.remove(id, { keepVolumes: true });
    case "start container":
      return engine.start(id);
    case "restart container":
      return engine.restart(id);
    case "rename container":
      return engine.rename(id, action.to);
    case "update container":
      return engine.update(id, action.limits);
  }
}

function networkBody(stack: Stack, network: StackNetwork) {
  return {
    Name: network.name,
    CheckDuplicate: true,
    Driver: network.driver === "" ? "bridge" : network.driver,
    Internal: network.internal,
    Attachable: network.attachable,
    EnableIPv6: network.ipv6,
    Options: network.options,
    Labels: networkLabels(stack, network),
    IPAM: network.ipam,
  };
}

import { networkLabels, volumeLabels } from "../core/compose/labels.ts";
import type { Stack, StackNetwork } from "../core/compose/stack.ts";
import type { Action, StackOperation } from "../core/operation.ts";
import type { World } from "../world.ts";
import type { HealthWatch } from "./health-watch.ts";

/** What one action needs. */
export interface Acting {
  readonly world: World;
  readonly stack: Stack;
  /** Ids of the containers that were there or are made, by name. */
  readonly ids: Map<string, string>;
  readonly progress: (message: string) => void;
}

export interface Execution extends Acting {
  readonly watch: HealthWatch;
  /** Told when an operation begins. */
  readonly tell: (operation: StackOperation) => void;
}

/** Executes a plan: each operation as soon as those it comes after are over. Decides nothing. Throws the first failure. */
export async function executePlan(execution: Execution, operations: readonly StackOperation[]): Promise<void> {
  const finished = new Map<number, Promise<void>>();
  let failed = false;
  for (const operation of operations) {
    const before = operation.after.flatMap((id): Array<Promise<void>> => {
      const one = finished.get(id);
      return one ? [one] : [];
    });
    const run = async () => {
      await Promise.all(before);
      if (failed) throw new Abandoned();
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
  const failure = reasons.find((reason) => !(reason instanceof Abandoned));
  if (failure !== undefined) throw failure;
}

/** An operation that was not begun, because another one failed. */
class Abandoned extends Error {}

async function execute(execution: Execution, operation: StackOperation): Promise<void> {
  const { action } = operation;
  if (action.do === "start container" || action.do === "restart container") {
    await execution.watch.reach(
      action.awaits.map((awaited) => ({ ...awaited, container: idOf(execution, awaited.container) })),
    );
  }
  execution.tell(operation);
  await act(execution, action);
}

const idOf = ({ ids }: Acting, name: string): string => ids.get(name) ?? name;

/** One call of the Docker API. */
export async function act(execution: Acting, action: Action): Promise<void> {
  const { engine } = execution.world;
  switch (action.do) {
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
    case "create container": {
      const id = await engine.create(action.as, action.spec.body, action.spec.platform);
      execution.ids.set(action.as, id);
      return undefined;
    }
    case "connect container":
      return engine.connect(action.network, idOf(execution, action.container), action.endpoint);
    case "rename container":
      return engine.rename(idOf(execution, action.container), action.to);
    default:
      return run(execution, action);
  }
}

type RunAction = Extract<
  Action,
  { do: "stop container" | "remove container" | "start container" | "restart container" }
>;

function run(execution: Acting, action: RunAction): Promise<void> {
  const { engine } = execution.world;
  const id = idOf(execution, action.container);
  switch (action.do) {
    case "stop container":
      return engine.stop(id);
    case "remove container":
      // Its anonymous volumes may have moved on to its successor.
      return engine.remove(id, { keepVolumes: true });
    case "start container":
      return engine.start(id);
    case "restart container":
      return engine.restart(id);
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

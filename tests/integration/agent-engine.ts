import { readFileSync } from "node:fs";
import { loadStack } from "../../node-agent/src/core/compose/load-stack.ts";
import type { Stack } from "../../node-agent/src/core/compose/stack.ts";
import type { StackOperation } from "../../node-agent/src/core/operation.ts";
import { planStack } from "../../node-agent/src/core/plan.ts";
import { act } from "../../node-agent/src/phases/execute-plan.ts";
import { observeStack } from "../../node-agent/src/phases/observe-stack.ts";
import { specify, withEnvironments } from "../../node-agent/src/phases/stack-input.ts";
import { realWorld } from "../../node-agent/src/world.ts";

/** The agent's own engine, as the suites of this folder drive it. */
export const world = realWorld({ root: "/" });

export function readVariables(path: string): (name: string) => string | undefined {
  const lines = readFileSync(path, "utf8").split("\n");
  const variables = new Map(lines.map((line) => [line.split("=")[0] ?? "", line.slice(line.indexOf("=") + 1)]));
  return (name) => (name === "" ? undefined : variables.get(name));
}

interface Read {
  file: string;
  project: string;
  variables: (name: string) => string | undefined;
}

export const readStackFile = ({ file, project, variables }: Read): Stack =>
  loadStack({ text: readFileSync(file, "utf8"), path: file, project, variables });

/** Makes everything of a stack and starts nothing: `docker compose up --no-start`. */
export async function createOnly(read: Read): Promise<Stack> {
  const source = await withEnvironments(world, readStackFile(read), { variables: read.variables });
  const observed = await observeStack(world, source.stack);
  const specs = specify(source, { images: observed.images, digest: world.digest });
  const { operations } = planStack({ stack: source.stack, specs }, observed);
  const ids = new Map<string, string>();
  for (const { action } of operations.filter(isCreation)) {
    await act({ world, stack: source.stack, ids, progress: () => undefined }, action);
  }
  return source.stack;
}

const isCreation = ({ action }: StackOperation): boolean =>
  !["start container", "restart container"].includes(action.do);

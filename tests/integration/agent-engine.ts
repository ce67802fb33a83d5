import { readFileSync } from "node:fs";
import { type ComposePlugin, composePlugin } from "../../node-agent/src/adapters/machine/compose-plugin.ts";
import type { Stack } from "../../node-agent/src/core/stack/compose/stack.ts";
import type { StackOperation } from "../../node-agent/src/core/stack/plan/operation.ts";
import { planStack } from "../../node-agent/src/core/stack/plan/plan.ts";
import { act } from "../../node-agent/src/phases/stack/execute/execute-plan.ts";
import { observeStack } from "../../node-agent/src/phases/stack/observe.ts";
import { describedStack, specify, withEnvironments } from "../../node-agent/src/phases/stack/stack-input.ts";
import { realWorld, type World } from "../../node-agent/src/world.ts";

/** The agent's own engine, as the suites of this folder drive it. */
export const world: World = { ...realWorld({ root: "/" }), compose: remembering(composePlugin()) };

/** Compose, asked once for each file: a test applies the same stack many times. */
function remembering(plugin: ComposePlugin): ComposePlugin {
  const answers = new Map<string, ReturnType<ComposePlugin["ask"]>>();
  return {
    find: () => plugin.find(),
    ask: (program, question) => {
      const key = JSON.stringify(question);
      const answer = answers.get(key) ?? plugin.ask(program, question);
      answers.set(key, answer);
      return answer;
    },
  };
}

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

export const readStackFile = ({ file, project, variables }: Read): Promise<Stack> =>
  describedStack(world, { text: readFileSync(file, "utf8"), file, project, variables });

/** Makes everything of a stack and starts nothing: `docker compose up --no-start`. */
export async function createOnly(read: Read): Promise<Stack> {
  const source = await withEnvironments(world, await readStackFile(read), { variables: read.variables });
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
  !["start container", "restart container"].includes(action.kind);

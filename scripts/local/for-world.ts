import { AgentError } from "../../node-agent/src/base/errors.ts";
import { type LocalWorld, optionsFor } from "./world.ts";

const COMMAND = /\.\/greenleaf (?:status|logs|down|up|doctor|deploy|rollback)\b(?: backend)?(?: --purge)?(?! --p)/g;

/** Commands in a text, as they have to be typed for this world: without its name they would be for the default one. */
export const commandsFor = (world: LocalWorld, text: string): string =>
  text.replace(COMMAND, (command) => `${command}${optionsFor(world)}`);

/** Runs a step of a world; what a failure tells to run next is for this very world. */
export async function forWorld<T>(world: LocalWorld, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    throw error instanceof AgentError ? Object.assign(error, { fix: commandsFor(world, error.fix) }) : error;
  }
}

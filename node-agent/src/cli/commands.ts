import type { Command } from "./command.ts";
import { serve } from "./serve.ts";

/** Every command of greenleaf-agent, in the order the help shows them. */
export const COMMANDS: readonly Command[] = [serve];

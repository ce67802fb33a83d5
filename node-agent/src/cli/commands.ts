import { boot, plan } from "./boot.ts";
import type { Command } from "./command.ts";
import { doctor } from "./doctor.ts";
import { installCommand } from "./install.ts";
import { natCommand } from "./nat.ts";
import { renderCommand } from "./render.ts";
import { serve } from "./serve.ts";
import { status } from "./status.ts";

/** Every command of greenleaf-agent, in the order the help shows them. */
export const COMMANDS: readonly Command[] = [
  boot,
  plan,
  renderCommand,
  serve,
  status,
  doctor,
  installCommand,
  natCommand,
];

import { boot, plan } from "./boot.ts";
import type { Command } from "./command.ts";
import { completionCommand } from "./completion.ts";
import { installCommand } from "./install.ts";
import { doctor } from "./node/doctor.ts";
import { historyCommand } from "./node/history.ts";
import { serve } from "./node/serve.ts";
import { status } from "./node/status.ts";
import { trafficCommand } from "./node/traffic.ts";
import { renderCommand } from "./render.ts";
import { repairCommand } from "./repair.ts";
import { natCommand } from "./router/nat.ts";

/** Every command of greenleaf-agent, in the order the help shows them. */
export const COMMANDS: readonly Command[] = [
  boot,
  plan,
  renderCommand,
  repairCommand,
  serve,
  status,
  historyCommand,
  trafficCommand,
  doctor,
  installCommand,
  natCommand,
  completionCommand(() => COMMANDS),
];

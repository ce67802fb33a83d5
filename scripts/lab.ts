import { UsageError } from "../node-agent/src/base/errors.ts";
import { breakLab, FAULTS } from "./lab/faults.ts";
import { downLab, pageLab, showLab, upLab } from "./lab/lab-commands.ts";

const ACTIONS: Readonly<Record<string, (argument: string | undefined) => Promise<number>>> = {
  up: upLab,
  status: showLab,
  page: pageLab,
  break: breakLab,
  down: downLab,
};

/** `./greenleaf lab vpc up|status|page [PORT]|break FAULT|down`. */
export async function lab(argv: readonly string[]): Promise<number> {
  const [kind, action = "", argument] = argv;
  const run = kind === "vpc" && Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined;
  if (run !== undefined) return run(argument);
  throw new UsageError(`greenleaf lab ${argv.join(" ")} is not known`, {
    code: "usage.lab",
    why: `it is: lab vpc ${Object.keys(ACTIONS).join("|")}; faults are ${Object.keys(FAULTS).join(", ")}`,
    fix: "sudo ./greenleaf lab vpc up, then in another terminal: sudo ./greenleaf lab vpc status",
  });
}

import { type Check, diagnose, exitCodeOfChecks } from "../../core/node/diagnosis.ts";
import type { Command } from "../command.ts";
import { askDaemon } from "./ask-daemon.ts";
import { DEFAULT_PORT, portIn } from "./serve.ts";

export const doctor: Command = {
  name: "doctor",
  summary: "diagnose this node; changes nothing",
  examples: ["greenleaf-agent doctor", "greenleaf-agent doctor --json"],
  options: {
    json: { type: "boolean", summary: "one JSON document" },
    port: { type: "string", value: "PORT", summary: `of the daemon; default ${DEFAULT_PORT}` },
  },
  run: async ({ world, print, options, colour }) => {
    const { examine } = await import("../../phases/boot/examine.ts");
    const live = await askDaemon(world);
    const reason = live?.health.status === "unhealthy" ? { reason: live.health.reason } : {};
    const daemon = live === undefined ? undefined : reason;
    const checks = diagnose(await examine(world, { daemon, agentPort: portIn(options) }));
    print(options.json === true ? JSON.stringify(checks) : checks.map((check) => lineOf(check, colour)).join("\n"));
    return exitCodeOfChecks(checks);
  },
};

const CODES = { ok: 32, warn: 33, fail: 31 } as const;

function lineOf({ level, name, found, fix }: Check, colour: boolean): string {
  const mark = level.padEnd(5);
  const painted = colour ? `\u001b[${CODES[level]}m${mark}\u001b[0m` : mark;
  return `${painted} ${name.padEnd(10)} ${found}${fix === undefined ? "" : `\n      fix: ${fix}`}`;
}

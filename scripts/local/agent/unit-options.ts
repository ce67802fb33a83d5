import { readFileSync } from "node:fs";
import { join } from "node:path";

const UNIT = join(import.meta.dirname, "..", "..", "..", "node-agent", "systemd", "greenleaf-agent.service");

/** What Node is told by the unit that runs the daemon: who runs it without systemd runs the same thing. */
export function unitNodeOptions(): string[] {
  const line = /^ExecStart=\S+ (.*) \S+\/main\.js serve$/m.exec(readFileSync(UNIT, "utf8"))?.[1];
  if (line === undefined) throw new Error(`${UNIT} has no line that starts Node with options`);
  return line.split(" ");
}

import { PermissionError } from "../../node-agent/src/base/errors.ts";
import { type LocalWorld, optionsFor } from "./world.ts";

/** Refuses everybody else, with what to type for this very world. */
export function mustBeRoot(
  world: LocalWorld,
  {
    command,
    why,
    uid = process.getuid?.(),
  }: { command: "up" | "down" | "demo remove"; why: string; uid?: number | undefined },
): void {
  if (uid === 0) return;
  throw new PermissionError(`greenleaf ${command} needs root`, {
    code: "root.needed",
    why,
    fix: `run: sudo ./greenleaf ${command}${optionsFor(world)}`,
  });
}

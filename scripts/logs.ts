import { spawn } from "node:child_process";
import { optionsOf } from "./local/options.ts";

/** The engine's own log reader; the agent's labels make every service visible to it. */
export async function main(argv: readonly string[]): Promise<number> {
  const { world, values, positionals } = optionsOf("logs", argv, {
    follow: { type: "boolean" },
    tail: { type: "string" },
  });
  const options = [...(values.follow ? ["--follow"] : []), "--tail", String(values.tail ?? "100")];
  const args = ["compose", "--project-name", world.project, "logs", ...options, ...positionals];
  return new Promise((resolve, reject) => {
    spawn("docker", args, { stdio: "inherit" })
      .on("error", reject)
      .on("close", (code) => resolve(code ?? 70));
  });
}

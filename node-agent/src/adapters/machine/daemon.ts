import { spawn } from "node:child_process";
import { closeSync, mkdirSync, openSync } from "node:fs";
import { readFile } from "node:fs/promises";
import { dirname } from "node:path";
import { childEnvironment } from "../../base/child-environment.ts";
import { endProcess } from "../../base/process-groups.ts";

/** Programs that outlive the agent, on machines where no init system keeps them. */
export interface Daemons {
  /** Starts a program of its own session, its output appended to a log; gives its process id. */
  start(argv: readonly [string, ...string[]], logPath: string): Promise<number>;
  /** When the process began, in the kernel's clock ticks; undefined when there is none of this number. */
  startTicks(pid: number): Promise<string | undefined>;
  /** Asks the process to end. */
  end(pid: number): void;
}

export const daemons: Daemons = {
  start: (argv, logPath) => {
    mkdirSync(dirname(logPath), { recursive: true });
    const log = openSync(logPath, "a", 0o640);
    const [program, ...args] = argv;
    const child = spawn(program, args, {
      detached: true,
      stdio: ["ignore", log, log],
      cwd: "/",
      env: childEnvironment(process.env),
    });
    closeSync(log);
    return new Promise((resolve, reject) => {
      child.once("error", reject);
      child.once("spawn", () => {
        child.unref();
        resolve(child.pid ?? 0);
      });
    });
  },
  startTicks: async (pid) => {
    try {
      // Field 22 of proc(5); the name in field 2 may hold blanks and brackets.
      const text = await readFile(`/proc/${pid}/stat`, "utf8");
      const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
      return fields[0] === "Z" ? undefined : fields[19];
    } catch {
      // No such process.
      return undefined;
    }
  },
  end: (pid) => endProcess(pid, "SIGTERM"),
};

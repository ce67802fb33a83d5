import { spawn } from "node:child_process";
import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { stripVTControlCharacters } from "node:util";
import { type Counts, countsOf, type Ending } from "./counts.ts";
import { RECORD_VARIABLE } from "./record.ts";
import type { TestRun } from "./run.ts";

const REPORTER = join(import.meta.dirname, "reporter.ts");

/** Runs one vitest project, its output shown as it comes unless the run holds it back, and counts from the record its reporter keeps. */
export async function runVitest(
  project: string,
  run: TestRun,
  env: Readonly<Record<string, string>> = {},
): Promise<Counts> {
  const record = join(run.folder, `${project}.jsonl`);
  const argv = ["vitest", "run", "--project", project, "--reporter=default", `--reporter=${REPORTER}`] as const;
  const ending = await ended(argv, { ...run.env, ...env, [RECORD_VARIABLE]: record }, run.held);
  return countsOf(project, await linesOf(record), { ...ending, isStopped: run.stop.aborted });
}

async function linesOf(path: string): Promise<string[]> {
  const text = await readFile(path, "utf8").catch(() => "");
  return text.split("\n").filter((line) => line !== "");
}

function ended(
  [program, ...args]: readonly [string, ...string[]],
  env: Readonly<Record<string, string>>,
  held?: (text: string) => void,
) {
  return new Promise<Omit<Ending, "isStopped">>((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", held === undefined ? "inherit" : "pipe", "pipe"],
      env: { ...process.env, ...env },
      // Ctrl-C is for us alone: what a suite started is found through its parents, as long as these are there.
      detached: true,
    });
    let tail = "";
    if (held) child.stdout?.setEncoding("utf8").on("data", held);
    child.stderr?.setEncoding("utf8").on("data", (text: string) => {
      if (held) held(text);
      else process.stderr.write(text);
      tail = `${tail}${text}`.slice(-TAIL);
    });
    child.on("error", reject).on("exit", (code, signal) => {
      const tell = () => resolve({ code, signal, complaints: complaintsIn(tail) });
      // A program that a suite left behind may hold the pipe open.
      const late = setTimeout(tell, 2_000);
      child.stderr?.on("close", () => {
        clearTimeout(late);
        tell();
      });
    });
  });
}

const TAIL = 64 * 1024;

/** The errors vitest tells of, in order. */
function complaintsIn(stderr: string): string[] {
  return stripVTControlCharacters(stderr)
    .split("\n")
    .filter((line) => /^(error during close )?\w*Error\b.*: \S/.test(line));
}

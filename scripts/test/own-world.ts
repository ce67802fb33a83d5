import { spawn } from "node:child_process";
import { join } from "node:path";
import { type Counts, NONE } from "./counts.ts";
import type { TestRun } from "./run.ts";
import { claimPorts } from "./shop-ports.ts";

const LAUNCHER = join(import.meta.dirname, "..", "..", "greenleaf");

export interface OwnWorld {
  readonly project: string;
  readonly port: string;
  /** Of the command line, for this world. */
  readonly options: readonly string[];
}

/**
 * Runs a suite beside a world of its own, so that neither a developer's running shop nor a run beside this one is touched.
 * The world goes afterwards, also when the run was ended or killed.
 */
export async function inOwnWorld(
  run: TestRun,
  group: string,
  suite: (world: OwnWorld) => Promise<Counts>,
): Promise<Counts> {
  const project = `greenleaf-test-${run.id}`;
  const ports = await claimPorts();
  const options = ["--project", project, "--port", ports.http];
  const purge = ["down", "--purge", "--keep-images", "--yes", ...options];
  const faultOf = (error: unknown): Counts => ({
    ...NONE,
    failed: [`${group} could not run: ${error instanceof Error ? error.message : String(error)}`],
  });
  await run.owe([LAUNCHER, ...purge]);
  const counts = await suite({ project, port: ports.http, options }).catch(faultOf);
  const purged = await launch(run, purge).then(() => NONE, faultOf);
  if (purged.failed.length === 0) await run.undone([LAUNCHER, ...purge]);
  ports.release();
  return { ...counts, failed: [...counts.failed, ...purged.failed] };
}

/** Of what a command told last: enough for its error, its reason and its advice. */
const TOLD_CHARACTERS = 4000;

/** The error that a command ended with, in one line; empty where it told none. */
export function reasonIn(told: string): string {
  const at = told.search(/^error: /m);
  if (at === -1) return "";
  const lines = told
    .slice(at)
    .trim()
    .split(/\s*\n\s*/);
  return `: ${lines.join("; ")}`;
}

export function launch(run: TestRun, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const env = { ...process.env, TMPDIR: run.folder };
    // Ctrl-C is for us alone: `down` has to come to its end.
    const output = run.held === undefined ? "inherit" : "pipe";
    const child = spawn(LAUNCHER, args, { stdio: ["ignore", output, output], env, detached: true });
    let told = "";
    for (const stream of [child.stdout, child.stderr]) {
      stream?.setEncoding("utf8").on("data", (text: string) => {
        told = `${told}${text}`.slice(-TOLD_CHARACTERS);
        run.held?.(text);
      });
    }
    child.on("error", reject).on("close", (code, signal) => {
      if (code === 0) resolve();
      else reject(new Error(`./greenleaf ${args.join(" ")} ended with ${signal ?? `code ${code}`}${reasonIn(told)}`));
    });
  });
}

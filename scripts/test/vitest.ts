import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Counts, countsOf } from "./counts.ts";

/** Runs one vitest project, its output shown as it comes, and counts from its JSON report. */
export async function runVitest(project: string, env: Readonly<Record<string, string>> = {}): Promise<Counts> {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-test-"));
  const report = join(folder, "report.json");
  try {
    await run(
      ["vitest", "run", "--project", project, "--reporter=default", "--reporter=json", `--outputFile.json=${report}`],
      env,
    );
    return countsOf(JSON.parse(await readFile(report, "utf8")));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

function run([program, ...args]: readonly [string, ...string[]], env: Readonly<Record<string, string>>): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, {
      stdio: ["ignore", "inherit", "inherit"],
      env: { ...process.env, ...env },
    });
    child.on("error", reject).on("close", () => resolve());
  });
}

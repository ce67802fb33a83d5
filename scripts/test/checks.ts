import { spawn } from "node:child_process";
import { type Counts, NONE } from "./counts.ts";

const CHECKS: ReadonlyArray<{ name: string; argv: readonly [string, ...string[]] }> = [
  { name: "format (biome)", argv: ["biome", "check", "."] },
  { name: "lint (oxlint, type-aware)", argv: ["oxlint", "--type-aware", "node-agent", "scripts", "tests"] },
  { name: "types (tsc)", argv: ["tsc", "--noEmit"] },
  { name: "types of the backend's tests (tsc)", argv: ["tsc", "--noEmit", "-p", "tests/unit/backend"] },
  { name: "dead code (knip)", argv: ["knip"] },
];

/** Each tool counts as one test; its output is shown only when it finds something. */
export async function runChecks(): Promise<Counts> {
  const failed: string[] = [];
  for (const { name, argv } of CHECKS) {
    const { code, output } = await run(argv);
    process.stdout.write(`${code === 0 ? "ok  " : "FAIL"} ${name}\n`);
    if (code !== 0) {
      failed.push(name);
      process.stdout.write(output);
    }
  }
  return { ...NONE, passed: CHECKS.length - failed.length, failed };
}

function run([program, ...args]: readonly [string, ...string[]]): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text: string) => (output += text));
    child.on("error", reject).on("close", (code) => resolve({ code: code ?? 1, output }));
  });
}

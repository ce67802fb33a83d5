import { spawn } from "node:child_process";
import { setTimeout as sleep } from "node:timers/promises";

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** Runs a program without a shell, for the lab's routes move while clients wait; a code other than 0 is an answer. */
export function run(argv: readonly string[], input = ""): Promise<Ran> {
  const [program = "", ...args] = argv;
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ["pipe", "pipe", "pipe"] });
    let stdout = "";
    let stderr = "";
    child.stdout.setEncoding("utf8").on("data", (chunk: string) => (stdout += chunk));
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk));
    child.on("error", reject);
    child.on("close", (code) => resolve({ code: code ?? -1, stdout, stderr }));
    child.stdin.on("error", () => undefined).end(input);
  });
}

async function checked(argv: readonly string[], input = ""): Promise<string> {
  const { code, stdout, stderr } = await run(argv, input);
  if (code === 0) return stdout;
  throw new Error(`${argv.join(" ")} ended with ${code}: ${stderr.trim()}`);
}

/** Many `ip` commands in one process; stops at the first that fails and says which. */
export async function ipBatch(namespace: string | undefined, lines: readonly string[]): Promise<void> {
  const where = namespace === undefined ? [] : ["-n", namespace];
  await checked(["ip", ...where, "-batch", "-"], `${lines.join("\n")}\n`);
}

/** Runs a program inside a namespace; gives what it printed. */
export async function inside(namespace: string, argv: readonly string[], input = ""): Promise<string> {
  return checked(["ip", "netns", "exec", namespace, ...argv], input);
}

export async function namespacesLike(prefix: string): Promise<string[]> {
  const stdout = await checked(["ip", "netns", "list"]);
  return stdout
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter((name) => name.startsWith(prefix));
}

/** Ends every program inside and removes the namespace; cables go with it. */
export async function removeNamespace(namespace: string): Promise<void> {
  await killPrograms(namespace);
  await run(["ip", "netns", "delete", namespace]);
}

/** Kills every program inside, those too that a listed one started meanwhile; a listed one may have ended by itself. */
export async function killPrograms(namespace: string): Promise<void> {
  for (let round = 0; round < 250; round += 1) {
    const pids = await namespacePids(namespace);
    if (pids.length === 0) return;
    await run(["kill", "-KILL", ...pids]);
    await sleep(20);
  }
  throw new Error(`programs in ${namespace} go on after SIGKILL`);
}

export async function namespacePids(namespace: string): Promise<string[]> {
  return (await checked(["ip", "netns", "pids", namespace])).split("\n").filter(Boolean);
}

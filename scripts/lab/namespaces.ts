import { $ } from "zx";

const quiet = $({ quiet: true, nothrow: false, stdio: ["pipe", "pipe", "pipe"] });

/** Many `ip` commands in one process; stops at the first that fails and says which. */
export async function ipBatch(namespace: string | undefined, lines: readonly string[]): Promise<void> {
  const where = namespace === undefined ? [] : ["-n", namespace];
  await quiet({ input: `${lines.join("\n")}\n` })`ip ${where} -batch -`;
}

/** Runs a program inside a namespace; gives what it printed. */
export async function inside(namespace: string, argv: readonly string[], input = ""): Promise<string> {
  const { stdout } = await quiet({ input })`ip netns exec ${namespace} ${argv}`;
  return stdout;
}

export async function namespacesLike(prefix: string): Promise<string[]> {
  const { stdout } = await quiet`ip netns list`;
  return stdout
    .split("\n")
    .map((line) => line.split(" ")[0] ?? "")
    .filter((name) => name.startsWith(prefix));
}

/** Ends every program inside and removes the namespace; cables go with it. */
export async function removeNamespace(namespace: string): Promise<void> {
  const processes = await namespacePids(namespace);
  if (processes.length > 0) await quiet({ nothrow: true })`kill -KILL ${processes}`;
  await quiet({ nothrow: true })`ip netns delete ${namespace}`;
}

export async function namespacePids(namespace: string): Promise<string[]> {
  const { stdout } = await quiet`ip netns pids ${namespace}`;
  return stdout.split("\n").filter(Boolean);
}

import { readdir, readFile, readlink } from "node:fs/promises";
import { resolve } from "node:path";

/** Process ids of every daemon of a root, whoever started it: `up`, systemd or a person. */
export async function daemonsOf(root: string): Promise<number[]> {
  const names = (await readdir("/proc")).filter((name) => /^\d+$/.test(name));
  const found = await Promise.all(names.map(async (name) => ((await serves(name, root)) ? [Number(name)] : [])));
  return found.flat();
}

async function serves(pid: string, root: string): Promise<boolean> {
  const commandLine = await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "");
  if (!commandLine.includes("serve")) return false;
  const folder = await readlink(`/proc/${pid}/cwd`).catch(() => "/");
  return isServeOf(root, commandLine.split("\0"), folder);
}

const AGENT = /(^|\/)(greenleaf-agent|main\.(js|ts))$/;

/** Whether a command line is `greenleaf-agent serve` for a root, in whatever way that is called. */
export function isServeOf(root: string, argv: readonly string[], folder: string): boolean {
  const at = argv.findIndex((argument) => AGENT.test(argument));
  const args = at === -1 ? [] : argv.slice(at + 1);
  const given = args.flatMap((argument, index) => {
    if (argument === "--root") return [args[index + 1] ?? ""];
    return argument.startsWith("--root=") ? [argument.slice("--root=".length)] : [];
  });
  return args.includes("serve") && given.some((path) => resolve(folder, path) === root);
}

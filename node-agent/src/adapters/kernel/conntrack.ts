import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentError, ConfigurationError } from "../errors.ts";
import type { Exec } from "./exec.ts";

/** The kernel's table of flows, through conntrack-tools. */
export interface Conntrack {
  /** Flows that began in one of the ranges, one line each in `conntrack -o save` form. */
  list(sources: readonly string[]): Promise<readonly string[]>;
  /** Deletes flows of the ranges that are not translated; gives their number. */
  forgetUntranslated(sources: readonly string[]): Promise<number>;
  /** Loads lines of the save form; those that cannot be loaded are counted, not fatal. */
  load(lines: readonly string[]): Promise<void>;
  /** Flows whose answers come to an address of this machine: each has one of its ports. */
  translated(address: string): Promise<number>;
  /** Sum over the processors of `conntrack -S`. */
  counters(): Promise<Readonly<Record<string, number>>>;
}

export function conntrack(exec: Exec): Conntrack {
  const list = async (sources: readonly string[]) => {
    const outputs = await Promise.all(
      sources.map((source) => run(exec, ["-L", "-f", "ipv4", "-o", "save", "-s", source])),
    );
    return outputs.flatMap((text) => text.split("\n").filter((line) => line.startsWith("-A ")));
  };
  return {
    list,
    async forgetUntranslated(sources) {
      const untranslated = (await list(sources)).filter((line) => !isTranslated(line)).map(sourceOf);
      // By client, not by flow: every deletion reads the whole table.
      for (const client of new Set(untranslated)) await run(exec, ["-D", "-f", "ipv4", "-s", client, "-q", client]);
      return untranslated.length;
    },
    async load(lines) {
      if (lines.length > 0) await loadLines(exec, lines);
    },
    translated: async (address) => {
      // Fifty thousand lines are not worth reading for their number, which comes on the other stream.
      const argv = ["sh", "-c", 'exec conntrack -L -f ipv4 --reply-dst "$0" >/dev/null', address] as const;
      const { stderr } = await exec(argv, { timeoutMs: 30_000, accept: [0, 1] });
      return Number(/(\d+) flow entries/.exec(stderr)?.[1] ?? 0);
    },
    counters: async () => sumOf(await run(exec, ["-S"])),
  };
}

async function run(exec: Exec, args: readonly string[]): Promise<string> {
  return exec(["conntrack", ...args], { timeoutMs: 30_000, accept: [0, 1] }).then(
    ({ stdout }) => stdout,
    (cause: unknown) => {
      throw new ConfigurationError(`nat: conntrack ${args[0]} failed`, {
        why: cause instanceof AgentError ? `${cause.message}: ${cause.why}` : String(cause),
        fix: "install conntrack (Debian: apt-get install conntrack; Amazon Linux: dnf install conntrack-tools)",
        cause,
      });
    },
  );
}

// conntrack opens /dev/stdin by its name, which fails for the socket that a child of Node has there.
async function loadLines(exec: Exec, lines: readonly string[]): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), "greenleaf-flows-"));
  try {
    await writeFile(join(folder, "flows"), `${lines.join("\n")}\n`, { mode: 0o600 });
    await run(exec, ["--load-file", join(folder, "flows")]);
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The save form writes the address a flow is translated to behind -n, and -q where it is not translated. */
export const isTranslated = (line: string): boolean => / -n \S/.test(line);

const sourceOf = (line: string): string => / -s (\S+)/.exec(line)?.[1] ?? "";

function sumOf(text: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [, name = "", value = "0"] of text.matchAll(/(\w+)=(\d+)/g))
    sums[name] = (sums[name] ?? 0) + Number(value);
  return sums;
}

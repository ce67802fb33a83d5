import { ConfigurationError } from "../errors.ts";
import type { Exec } from "./exec.ts";

/** The kernel's table of flows, through conntrack-tools. */
export interface Conntrack {
  /** Flows that began in one of the ranges, one line each in `conntrack -o save` form. */
  list(sources: readonly string[]): Promise<readonly string[]>;
  /** Deletes flows of the ranges that are not translated; gives their number. */
  forgetUntranslated(sources: readonly string[]): Promise<number>;
  /** Loads lines of the save form; those that cannot be loaded are counted, not fatal. */
  load(lines: readonly string[]): Promise<void>;
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
      const untranslated = (await list(sources)).filter((line) => !isTranslated(line));
      if (untranslated.length > 0) await run(exec, ["--load-file", "-"], untranslated.map(deletion).join("\n"));
      return untranslated.length;
    },
    async load(lines) {
      if (lines.length > 0) await run(exec, ["--load-file", "-"], `${lines.join("\n")}\n`);
    },
    counters: async () => sumOf(await run(exec, ["-S"])),
  };
}

async function run(exec: Exec, args: readonly string[], input?: string): Promise<string> {
  const options = { timeoutMs: 30_000, accept: [0, 1], ...(input === undefined ? {} : { input }) };
  return exec(["conntrack", ...args], options).then(
    ({ stdout }) => stdout,
    (cause: unknown) => {
      throw new ConfigurationError("nat: conntrack could not be run", {
        why: cause instanceof Error ? cause.message : String(cause),
        fix: "install conntrack (Debian: apt-get install conntrack; Amazon Linux: dnf install conntrack-tools)",
        cause,
      });
    },
  );
}

/** Reads `-s 10.0.1.2 -d 198.51.100.2 -r 198.51.100.2 -q 198.51.100.1 …`: the answer goes to another address. */
export function isTranslated(line: string): boolean {
  const source = / -s (\S+)/.exec(line)?.[1];
  const answeredAt = / -q (\S+)/.exec(line)?.[1];
  return source !== answeredAt;
}

function deletion(line: string): string {
  const field = (flag: string) => new RegExp(` ${flag} (\\S+)`).exec(line)?.[0] ?? "";
  return `-D${["-s", "-d", "-p", "--sport", "--dport"].map(field).join("")}`;
}

function sumOf(text: string): Record<string, number> {
  const sums: Record<string, number> = {};
  for (const [, name = "", value = "0"] of text.matchAll(/(\w+)=(\d+)/g))
    sums[name] = (sums[name] ?? 0) + Number(value);
  return sums;
}

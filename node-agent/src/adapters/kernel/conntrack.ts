import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { AgentError, ConfigurationError, DeadlineError } from "../../base/errors.ts";
import type { Exec } from "../../base/exec.ts";

/** The kernel's table of flows, through conntrack-tools. */
export interface Conntrack {
  /** Flows that began in one of the ranges, one line each in `conntrack -o save` form. */
  list(sources: readonly string[]): Promise<readonly string[]>;
  /** Deletes flows of the ranges that are not translated; gives their number. */
  forgetUntranslated(sources: readonly string[]): Promise<number>;
  /** Deletes every flow that began in one of the ranges. */
  forget(sources: readonly string[]): Promise<void>;
  /** Loads lines of the save form and gives their number; those that cannot be loaded are not fatal. */
  load(lines: Iterable<string>): Promise<number>;
  /** Flows whose answers come to an address of this machine: each has one of its ports. */
  translated(address: string): Promise<number>;
  /** Sum over the processors of `conntrack -S`. */
  counters(): Promise<Readonly<Record<string, number>>>;
}

/** A full table of half a million flows. */
const MAX_TABLE_BYTES = 128 * 1024 * 1024;

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
    async forget(sources) {
      for (const source of sources) await forgetRange(exec, source);
    },
    async load(lines) {
      let loaded = 0;
      for (const part of inParts(lines)) {
        await loadLines(exec, part);
        loaded += part.length;
      }
      return loaded;
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
  return exec(["conntrack", ...args], { timeoutMs: 30_000, maxBytes: MAX_TABLE_BYTES, accept: [0, 1] }).then(
    ({ stdout }) => stdout,
    (cause: unknown) => {
      if (cause instanceof DeadlineError) throw cause;
      throw new ConfigurationError(`nat: conntrack ${args[0]} failed`, {
        code: "nat.conntrack",
        why: cause instanceof AgentError ? `${cause.message}: ${cause.why}` : String(cause),
        fix: "install conntrack (Debian: apt-get install conntrack; Amazon Linux: dnf install conntrack-tools)",
        cause,
      });
    },
  );
}

/** Flows that end meanwhile end a deletion of many: it is taken up again. */
const FORGET_TIMES = 5;

// It prints each flow it deletes, which nobody reads.
async function forgetRange(exec: Exec, source: string): Promise<void> {
  const argv = ["sh", "-c", 'exec conntrack -D -f ipv4 -s "$0" >/dev/null', source] as const;
  for (let times = 0; times < FORGET_TIMES; times += 1) {
    const { code, stderr } = await exec(argv, { timeoutMs: 30_000, accept: [0, 1] });
    if (code === 0 || stderr.includes(" 0 flow entries")) return;
  }
}

/** conntrack holds every line of a file at once, a kilobyte and more each: the unit's memory is limited. */
const PART = 4_000;

function* inParts(lines: Iterable<string>): Generator<string[]> {
  let part: string[] = [];
  for (const line of lines) {
    part.push(line);
    if (part.length < PART) continue;
    yield part;
    part = [];
  }
  if (part.length > 0) yield part;
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

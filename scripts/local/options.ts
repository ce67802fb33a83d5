import { parseArgs } from "node:util";
import { UsageError } from "../../node-agent/src/errors.ts";
import { type LocalWorld, localWorld } from "./world.ts";

type Flags = Readonly<Record<string, { type: "string" | "boolean" }>>;

const WORLD: Flags = { port: { type: "string" }, project: { type: "string" } };

/** The local world a command line speaks of, and what of the line is left for others. */
export function worldOf(argv: readonly string[]): { world: LocalWorld; rest: string[] } {
  const { tokens } = parseArgs({ args: [...argv], options: WORLD, strict: false, tokens: true });
  const own = tokens.filter((token) => token.kind === "option" && token.name in WORLD);
  const taken = new Set(
    own.flatMap(({ index, ...token }) => ("inlineValue" in token && token.inlineValue ? [index] : [index, index + 1])),
  );
  const values = Object.fromEntries(
    own.map((token) => (token.kind === "option" ? [token.name, String(token.value)] : [])),
  );
  return { world: localWorld(values), rest: argv.filter((_, index) => !taken.has(index)) };
}

/** Parses a command line strictly: the world's options and the command's own. */
export function optionsOf(command: string, argv: readonly string[], own: Flags = {}) {
  try {
    const { values, positionals } = parseArgs({
      args: [...argv],
      options: { ...WORLD, ...own },
      allowPositionals: true,
    });
    const { port, project } = values as { port?: string; project?: string };
    const world = localWorld({ ...(port ? { port } : {}), ...(project ? { project } : {}) });
    return { world, values: values as Readonly<Record<string, string | boolean | undefined>>, positionals };
  } catch (cause) {
    if (cause instanceof UsageError) throw cause;
    throw new UsageError(`greenleaf ${command}: the command line is wrong`, {
      why: cause instanceof Error ? cause.message : String(cause),
      fix: `see ./greenleaf ${command} --help`,
    });
  }
}

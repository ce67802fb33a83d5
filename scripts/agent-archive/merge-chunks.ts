import { rm } from "node:fs/promises";
import { basename, join } from "node:path";
import { build, type Metafile, type Plugin } from "esbuild";

type Chunks = ReadonlyMap<string, Metafile["outputs"][string]>;
type Names = ReadonlyArray<readonly [from: string, to: string]>;

/** Chunks that become one file. */
interface Group {
  readonly file: string;
  readonly chunks: readonly string[];
}

const BOOT = "node-agent/src/cli/run-boot.ts";
const DAEMON = ["node-agent/src/daemon/daemon.ts", "node-agent/src/daemon/router/router.ts"];

/**
 * What each start loads, and what each boot loads besides, in one file each: for every set of commands that share code
 * esbuild writes a chunk of its own, and finding, reading and linking dozens of files takes longer than running them.
 * What the daemon loads stays apart: it shall not hold the rest of a boot in memory.
 */
export async function mergeChunks(folder: string, { outputs }: Metafile): Promise<void> {
  const chunks: Chunks = new Map(
    Object.entries(outputs)
      .filter(([path]) => path.endsWith(".js"))
      .map(([path, output]) => [basename(path), output] as const),
  );
  const groups = groupsOf(chunks);
  const merged = new Set(groups.flatMap((group) => group.chunks));
  const left = [...chunks.keys()].filter((name) => !merged.has(name));
  const options = { absWorkingDir: folder, bundle: true, format: "esm", platform: "node", minify: true } as const;
  const built = { ...options, target: "node24", allowOverwrite: true };
  for (const group of groups) {
    const contents = group.chunks.map((name, index) => reExport(name, named(chunks, name, index))).join("\n");
    const plugins = [instead(chunks, groups, group)];
    await build({ ...built, stdin: { contents, resolveDir: folder }, outfile: join(folder, group.file), plugins });
  }
  const entryPoints = left.map((name) => join(folder, name));
  await build({ ...built, entryPoints, outdir: folder, plugins: [instead(chunks, groups)] });
  await Promise.all([...merged].map((name) => rm(join(folder, name))));
}

function groupsOf(chunks: Chunks): Group[] {
  const entryOf = (source: string) => [...chunks].find(([, { entryPoint }]) => entryPoint === source)?.[0] ?? "";
  const eager = loadedWith("agent.js", chunks);
  const daemon = DAEMON.flatMap((source) => Array.from(loadedWith(entryOf(source), chunks)));
  const isApart = new Set(["agent.js", entryOf(BOOT), ...daemon]);
  return [
    { file: "eager.js", chunks: [...eager].filter((name) => name !== "agent.js").sort() },
    {
      file: "boot.js",
      chunks: [...loadedWith(entryOf(BOOT), chunks)].filter((name) => !eager.has(name) && !isApart.has(name)).sort(),
    },
  ];
}

/** A chunk, and all that is there before it runs. */
function loadedWith(entry: string, chunks: Chunks): Set<string> {
  const found = new Set([entry]);
  for (const name of found)
    for (const { path, kind } of chunks.get(name)?.imports ?? [])
      if (kind === "import-statement" && chunks.has(basename(path))) found.add(basename(path));
  return found;
}

/** Minified names are the same in many chunks. */
const named = (chunks: Chunks, name: string, index: number): Names =>
  (chunks.get(name)?.exports ?? []).map((each) => [each, `${each}_${index}`]);

const reExport = (file: string, names: Names): string =>
  `export { ${names.map(([from, to]) => `${from} as ${to}`).join(", ")} } from "./${file}";`;

/** Whoever imports a merged chunk gets its names from the file it went into; the group being built holds its own. */
function instead(chunks: Chunks, groups: readonly Group[], built?: Group): Plugin {
  const contents = new Map(
    groups.flatMap(({ file, chunks: members }) =>
      members.map((name, index) => {
        const turned = named(chunks, name, index).map(([from, to]) => [to, from] as const);
        return [name, reExport(file, turned)] as const;
      }),
    ),
  );
  return {
    name: "merged",
    setup(bundle) {
      bundle.onResolve({ filter: /./ }, ({ path, kind }) => {
        const name = basename(path);
        if (kind === "entry-point" || built?.chunks.includes(name)) return undefined;
        return contents.has(name) ? { path: name, namespace: "merged" } : { path, external: true };
      });
      bundle.onLoad({ filter: /./, namespace: "merged" }, ({ path }) => ({
        contents: contents.get(path) ?? "",
        loader: "js",
      }));
    },
  };
}

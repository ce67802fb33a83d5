import { absolutePath } from "../plugin/paths.ts";
import type { Mount } from "../stack.ts";
import type { Cursor } from "./cursor.ts";
import { unknownTmpfsOption } from "./known-words.ts";
import type { PlainMap } from "./plain.ts";

const PROPAGATIONS = new Set(["private", "rprivate", "shared", "rshared", "slave", "rslave"]);
const SELINUX = new Set(["z", "Z"]);
const VOLUME_NAME = /^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/;

/** Where a service stands. */
export interface ServicePlace {
  readonly folder: string;
  /** What Compose gave back without acting on it. */
  readonly apart: PlainMap | undefined;
}

/** The `volumes` and `tmpfs` of a service; no two of them lie on one path. */
export interface Mounts {
  readonly mounts: readonly Mount[];
  readonly tmpfs: Readonly<Record<string, string>> | undefined;
}

export function readAllMounts(service: Cursor, { folder, apart }: ServicePlace): Mounts {
  const volumes = service.at("volumes");
  const taken = checkWritten(apart?.["volumes"] === undefined ? volumes : volumes.with(apart["volumes"]));
  const mounts = volumes.items().flatMap((item) => readMount(item, folder));
  const tmpfs = service.at("tmpfs");
  return { mounts, tmpfs: tmpfs.given ? readTmpfsPaths(tmpfs, taken) : undefined };
}

const MODES = new Set(["ro", "rw", "z", "Z", "nocopy", ...PROPAGATIONS]);

/**
 * Looks at the volumes as they are written, and gives the places they take. Compose passes over a mode that it does not
 * know: the mount would be writable where read-only was meant. Of two volumes on one place it keeps the last, in silence.
 */
function checkWritten(volumes: Cursor): Set<string> {
  const taken = new Set<string>();
  for (const item of volumes.items()) {
    const target = typeof item.value === "string" ? readShort(item, item.value) : item.at("target").text();
    if (!target?.startsWith("/")) continue;
    const place = absolutePath(target, "/");
    if (taken.has(place)) item.refuse(`two mounts lie on ${place}`);
    taken.add(place);
  }
  return taken;
}

/** The target of `[SOURCE:]TARGET[:MODES]`. */
function readShort(item: Cursor, text: string): string | undefined {
  const [first, second, modes] = text.split(":");
  const unknown = modes?.split(",").find((mode) => !MODES.has(mode));
  if (unknown !== undefined) item.refuse(`"${unknown}" is not a mode of a volume`);
  return second ?? first;
}

function readMount(item: Cursor, folder: string): Mount[] {
  const target = readTarget(item, item.at("target").text() ?? "");
  if (target === undefined) return [];
  const mount = typed(item, target, folder);
  return mount === undefined ? [] : [mount];
}

/** The path as the engine compares it: a slash at its end or a dot in it makes no other place. */
function readTarget(item: Cursor, text: string): string | undefined {
  if (!text.startsWith("/")) return item.refuseValue(`"${text}" is not an absolute path`, text);
  const target = absolutePath(text, "/");
  if (target === "/") return item.refuseValue(`"${text}" would hide the whole image`, text);
  return target;
}

function typed(item: Cursor, target: string, folder: string): Mount | undefined {
  const type = item.at("type").text();
  const source = item.at("source").text() ?? "";
  const common = { target, readOnly: item.at("read_only").flag() ?? false };
  if (type === "bind") return readBind(item, { source, folder, common });
  if (type === "volume") {
    if (source !== "" && !VOLUME_NAME.test(source)) return item.refuse(`"${source}" is not a name of a volume`);
    const noCopy = item.at("volume").at("nocopy").flag() === true;
    return { type, source, ...common, ...(noCopy ? { noCopy } : {}) };
  }
  if (type !== "tmpfs")
    return item.refuseValue(`type "${type}" is not supported: use bind, volume or tmpfs`, type ?? "");
  return { type, source: "", ...common, tmpfs: readTmpfs(item.at("tmpfs")) };
}

interface Bind {
  source: string;
  folder: string;
  common: { target: string; readOnly: boolean };
}

function readBind(item: Cursor, { source, folder, common }: Bind): Mount | undefined {
  if (source === "") return item.refuse("a bind needs a source");
  if (isHome(source, folder)) return item.refuseValue("~ stands for nobody's home on a node: write the path", "~");
  const path = absolutePath(source, folder);
  if (path.includes(":")) return item.refuse(`"${path}" holds a colon, which the engine takes for the end of a path`);
  const options = item.at("bind");
  const propagation = oneOf(options.at("propagation"), PROPAGATIONS);
  const selinux = oneOf(options.at("selinux"), SELINUX);
  return {
    type: "bind",
    source: path,
    ...common,
    bind: {
      createHostPath: options.at("create_host_path").flag() ?? false,
      ...(propagation === undefined ? {} : { propagation }),
      ...(selinux === undefined ? {} : { selinux }),
    },
  };
}

/** Compose puts a path with a tilde that it cannot expand below the folder of the file. */
export function isHome(path: string, folder: string): boolean {
  const below = path.startsWith(`${folder}/`) ? path.slice(folder.length + 1) : path;
  return below.startsWith("~");
}

function oneOf(option: Cursor, known: ReadonlySet<string>): string | undefined {
  const text = option.text();
  if (text === undefined || known.has(text)) return text;
  return option.refuse(`"${text}" is not one of ${[...known].join(", ")}`);
}

function readTmpfs(tmpfs: Cursor): NonNullable<Mount["tmpfs"]> {
  const size = tmpfs.at("size").whole();
  const mode = tmpfs.at("mode").whole();
  return { ...(size === undefined ? {} : { SizeBytes: size }), ...(mode === undefined ? {} : { Mode: mode }) };
}

/** The `tmpfs` of a service: options by path. */
function readTmpfsPaths(tmpfs: Cursor, taken: Set<string>): Record<string, string> {
  return Object.fromEntries(
    tmpfs.items().flatMap((item) => {
      const text = item.text() ?? "";
      const colon = text.indexOf(":");
      const path = colon === -1 ? text : text.slice(0, colon);
      const options = colon === -1 ? "" : text.slice(colon + 1);
      const unknown = unknownTmpfsOption(options);
      if (unknown !== undefined) return item.refuse(`"${unknown}" is not an option of a tmpfs`) ?? [];
      // Compose hands these on as they are written, and so does the agent.
      const target = readTarget(item, path);
      if (target === undefined) return [];
      if (taken.has(target)) return item.refuseValue(`two mounts lie on ${target}`, path) ?? [];
      taken.add(target);
      return [[path, options] as const];
    }),
  );
}

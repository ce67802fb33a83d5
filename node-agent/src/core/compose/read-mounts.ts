import type { Cursor } from "./cursor.ts";
import { absolutePath } from "./paths.ts";
import type { Mount } from "./stack.ts";

const MODES = new Set(["ro", "rw", "z", "Z", "nocopy"]);
const PROPAGATIONS = new Set(["private", "rprivate", "shared", "rshared", "slave", "rslave"]);

/** The `volumes` of a service. */
export function readMounts(volumes: Cursor, folder: string): Mount[] {
  return volumes.items().flatMap((item) => {
    const mount = typeof item.value === "object" ? longForm(item, folder) : shortForm(item, folder);
    if (mount === undefined) return [];
    if (!mount.target.startsWith("/")) return item.refuse(`"${mount.target}" is not an absolute path`) ?? [];
    return [mount];
  });
}

function shortForm(item: Cursor, folder: string): Mount | undefined {
  const text = item.text() ?? "";
  const [first = "", second, modes = "", ...more] = text.split(":");
  if (first === "" || second === "" || more.length > 0) return item.refuse(`"${text}" is not SOURCE:TARGET[:ro]`);
  if (second === undefined) return { type: "volume", source: "", target: first, readOnly: false };
  const options = modes === "" ? [] : modes.split(",");
  const unknown = options.find((option) => !MODES.has(option) && !PROPAGATIONS.has(option));
  if (unknown !== undefined) return item.refuse(`"${unknown}" is not a mode of a volume`);
  const common = { target: second, readOnly: options.includes("ro") };
  if (!isPath(first)) {
    return { type: "volume", source: first, ...common, ...(options.includes("nocopy") ? { noCopy: true } : {}) };
  }
  return { type: "bind", source: absolutePath(first, folder), ...common, bind: shortBind(options) };
}

function shortBind(options: readonly string[]): NonNullable<Mount["bind"]> {
  const propagation = options.find((option) => PROPAGATIONS.has(option));
  const selinux = options.find((option) => option.toLowerCase() === "z");
  return { createHostPath: true, ...(propagation ? { propagation } : {}), ...(selinux ? { selinux } : {}) };
}

const isPath = (source: string): boolean => /^[./~]/.test(source);

function longForm(item: Cursor, folder: string): Mount | undefined {
  const type = item.at("type").text();
  const source = item.at("source").text() ?? "";
  const target = item.at("target").text() ?? "";
  const common = { target, readOnly: item.at("read_only").flag() ?? false };
  if (type === "bind") {
    if (source === "") return item.refuse("a bind needs a source");
    return { type, source: absolutePath(source, folder), ...common, bind: longBind(item.at("bind")) };
  }
  if (type === "volume") {
    const noCopy = item.at("volume").at("nocopy").flag() === true;
    return { type, source, ...common, ...(noCopy ? { noCopy } : {}) };
  }
  if (type !== "tmpfs") return item.at("type").refuse(`"${type}" is not supported: use bind, volume or tmpfs`);
  return { type, source: "", ...common, tmpfs: readTmpfs(item.at("tmpfs")) };
}

function longBind(bind: Cursor): NonNullable<Mount["bind"]> {
  const propagation = bind.at("propagation").text();
  const selinux = bind.at("selinux").text();
  return {
    createHostPath: bind.at("create_host_path").flag() ?? false,
    ...(propagation === undefined ? {} : { propagation }),
    ...(selinux === undefined ? {} : { selinux }),
  };
}

function readTmpfs(tmpfs: Cursor): NonNullable<Mount["tmpfs"]> {
  const size = tmpfs.at("size").bytes();
  const mode = tmpfs.at("mode").whole();
  return { ...(size === undefined ? {} : { SizeBytes: size }), ...(mode === undefined ? {} : { Mode: mode }) };
}

/** The `tmpfs` of a service: options by path. */
export function readTmpfsPaths(tmpfs: Cursor): Record<string, string> {
  return Object.fromEntries(
    tmpfs.texts().map((text) => {
      const colon = text.indexOf(":");
      return colon === -1 ? [text, ""] : [text.slice(0, colon), text.slice(colon + 1)];
    }),
  );
}

import { canonicalJson } from "./canonical-json.ts";
import type { Mount, Stack } from "./compose/stack.ts";

/** Where a release is unpacked, and where what it mounts is put by content; real paths. */
export interface Places {
  readonly release: string;
  readonly mounts: string;
  /** SHA-256 of each file of the release, by its path inside. */
  readonly contents: ReadonlyMap<string, string>;
  readonly digest: (text: string) => string;
}

/** A folder named by what it holds; its files by the path they have in the release, with their path in the folder. */
export interface PlacedMount {
  readonly name: string;
  readonly files: ReadonlyMap<string, string>;
}

/**
 * The stack with what it mounts of its release named by content instead of by release: a container whose files did not
 * change is the same container. Pure.
 */
export function placeMounts(stack: Stack, places: Places): { stack: Stack; placed: PlacedMount[] } {
  const placed = new Map<string, PlacedMount>();
  const services = stack.services.map((service) => ({
    ...service,
    mounts: service.mounts.map((mount) => {
      const content = contentOf(mount, places);
      if (content === undefined) return mount;
      placed.set(content.name, content);
      return { ...mount, source: sourceOf(mount, content, places) };
    }),
  }));
  return { stack: { ...stack, services }, placed: [...placed.values()] };
}

function contentOf({ type, source }: Mount, places: Places): PlacedMount | undefined {
  const path = inside(source, places.release);
  if (type !== "bind" || path === undefined) return undefined;
  const own = [...places.contents.keys()].filter((file) => file === path || file.startsWith(`${path}/`)).sort();
  if (own.length === 0) return undefined;
  const above = own[0] === path ? path.lastIndexOf("/") + 1 : path.length + 1;
  const files = new Map(own.map((file) => [file, file.slice(above)]));
  const named = own.map((file) => [files.get(file), places.contents.get(file)]);
  return { name: places.digest(canonicalJson(named)), files };
}

// A single file lies in its folder under its own name.
function sourceOf({ source }: Mount, { name, files }: PlacedMount, { mounts, release }: Places): string {
  const file = files.get(inside(source, release) ?? "");
  return file === undefined ? `${mounts}/${name}` : `${mounts}/${name}/${file}`;
}

function inside(path: string, folder: string): string | undefined {
  return path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).replace(/\/+$/, "") : undefined;
}

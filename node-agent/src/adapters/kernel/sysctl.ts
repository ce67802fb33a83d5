import { constants } from "node:fs";
import { access, readFile, writeFile } from "node:fs/promises";
import { freemem, totalmem } from "node:os";
import { PermissionError } from "../../base/errors.ts";
import type { SysctlState } from "../../core/router/nat/sysctls.ts";

/** Values of the running kernel, by their dotted names; a device's own dots are written as slashes. */
export interface Sysctl {
  /** Those that exist. */
  read(names: readonly string[]): Promise<ReadonlyMap<string, SysctlState>>;
  write(name: string, value: string): Promise<void>;
  memoryBytes(): number;
  /** What programs may still take, caches counted as free: MemAvailable of /proc/meminfo. */
  availableBytes(): number;
}

// Not below the node's root folder: there is one kernel, whatever a local node's root is.
const pathOf = (name: string): string => `/proc/sys/${name.replaceAll(".", "/")}`;

export const sysctl: Sysctl = {
  async read(names) {
    const found = await Promise.all(names.map(async (name) => [name, await stateOf(name)] as const));
    return new Map(found.filter((entry): entry is [string, SysctlState] => entry[1] !== undefined));
  },
  async write(name, value) {
    await writeFile(pathOf(name), value).catch((cause: unknown) => {
      throw new PermissionError(`nat: ${name} could not be set to ${value}`, {
        code: "nat.sysctl",
        why: cause instanceof Error ? cause.message : String(cause),
        fix: "run as root, outside of a container that hides /proc/sys",
        cause,
      });
    });
  },
  memoryBytes: totalmem,
  availableBytes: freemem,
};

async function stateOf(name: string): Promise<SysctlState | undefined> {
  const value = await readFile(pathOf(name), "utf8").catch(() => undefined);
  if (value === undefined) return undefined;
  const writable = await isWritable(pathOf(name));
  return { value: value.trim(), writable };
}

// Root passes every access check but those of the kernel's own read-only entries, whose mode has no write bit at all.
async function isWritable(path: string): Promise<boolean> {
  return access(path, constants.W_OK).then(
    () => true,
    () => false,
  );
}

export interface CgroupMount {
  /** `remount` makes a tree that is there writable. */
  type: "tmpfs" | "cgroup" | "cgroup2" | "remount";
  target: string;
  options?: string;
}

const ROOT = "/sys/fs/cgroup";

/**
 * The mounts that control groups need where no init system makes them (cgroups(7)): one tree in version 2, one per
 * controller where the kernel runs them in version 1 (a hierarchy number above 0). Those a container runtime mounted
 * are kept, and made writable: runtimes give them read-only, and an engine must make groups of its own in them.
 */
export function cgroupMounts(procCgroups: string, procMounts: string): CgroupMount[] {
  return [...treesOf(procCgroups, procMounts), ...settingsOf(procMounts)];
}

// Docker 26 turns IPv6 off in each container through /proc/sys, and starts none where it cannot.
function settingsOf(procMounts: string): CgroupMount[] {
  return /^\S+ \/proc\/sys proc ro\b/m.test(procMounts) ? [{ type: "remount", target: "/proc/sys" }] : [];
}

function treesOf(procCgroups: string, procMounts: string): CgroupMount[] {
  const mounted = [...procMounts.matchAll(/^\S+ (\S+) cgroup2? (ro|rw)\b/gm)];
  if (mounted.length > 0)
    return mounted.filter(([, , mode]) => mode === "ro").map(([, target = ""]) => ({ type: "remount", target }));
  const controllers = procCgroups.split("\n").flatMap((line) => {
    const [name, hierarchy, , enabled] = line.trim().split(/\s+/);
    return name && !name.startsWith("#") && enabled === "1" && Number(hierarchy) > 0 ? [name] : [];
  });
  if (controllers.length === 0) return [{ type: "cgroup2", target: ROOT }];
  const each = controllers.map((name) => ({ type: "cgroup" as const, target: `${ROOT}/${name}`, options: name }));
  return [{ type: "tmpfs", target: ROOT, options: "mode=755" }, ...each];
}

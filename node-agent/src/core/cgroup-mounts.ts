export interface CgroupMount {
  type: "tmpfs" | "cgroup" | "cgroup2";
  target: string;
  options?: string;
}

const ROOT = "/sys/fs/cgroup";

/**
 * The mounts that control groups need where no init system makes them (cgroups(7)): none when any is mounted, one tree
 * in version 2, one per controller where the kernel runs them in version 1 (a hierarchy number above 0).
 */
export function cgroupMounts(procCgroups: string, procMounts: string): CgroupMount[] {
  if (/^\S+ \S+ cgroup2? /m.test(procMounts)) return [];
  const controllers = procCgroups.split("\n").flatMap((line) => {
    const [name, hierarchy, , enabled] = line.trim().split(/\s+/);
    return name && !name.startsWith("#") && enabled === "1" && Number(hierarchy) > 0 ? [name] : [];
  });
  if (controllers.length === 0) return [{ type: "cgroup2", target: ROOT }];
  const each = controllers.map((name) => ({ type: "cgroup" as const, target: `${ROOT}/${name}`, options: name }));
  return [{ type: "tmpfs", target: ROOT, options: "mode=755" }, ...each];
}

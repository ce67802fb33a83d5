import { expect, test } from "vitest";
import { cgroupMounts } from "./cgroup-mounts.ts";

const V1 =
  "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t3\t1\t1\nmemory\t5\t1\t1\nhugetlb\t0\t1\t1\nnet_prio\t6\t1\t0\n";
const V2 = "#subsys_name\thierarchy\tnum_cgroups\tenabled\ncpuset\t0\t1\t1\nmemory\t0\t1\t1\n";

test("what an init system mounted is left alone, what a container runtime gave read-only is made writable", () => {
  expect(cgroupMounts(V1, "cgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n")).toEqual([]);
  expect(cgroupMounts(V2, "proc /proc proc rw 0 0\ncgroup2 /sys/fs/cgroup cgroup2 ro 0 0\n")).toEqual([
    { type: "remount", target: "/sys/fs/cgroup" },
  ]);
  const docker =
    "cgroup /sys/fs/cgroup/cpuset cgroup ro,nosuid,cpuset 0 0\ncgroup /sys/fs/cgroup/memory cgroup rw,memory 0 0\n";
  expect(cgroupMounts(V1, docker)).toEqual([{ type: "remount", target: "/sys/fs/cgroup/cpuset" }]);
});

test("one tree in version 2, one per controller that version 1 runs", () => {
  expect(cgroupMounts(V2, "")).toEqual([{ type: "cgroup2", target: "/sys/fs/cgroup" }]);
  expect(cgroupMounts(V1, "sysfs /sys sysfs rw 0 0\n")).toEqual([
    { type: "tmpfs", target: "/sys/fs/cgroup", options: "mode=755" },
    { type: "cgroup", target: "/sys/fs/cgroup/cpuset", options: "cpuset" },
    { type: "cgroup", target: "/sys/fs/cgroup/memory", options: "memory" },
  ]);
});

test("kernel settings that a container runtime gave read-only are made writable", () => {
  const mounts = "cgroup2 /sys/fs/cgroup cgroup2 rw 0 0\nproc /proc/sys proc ro,nosuid 0 0\n";
  expect(cgroupMounts(V2, mounts)).toEqual([{ type: "remount", target: "/proc/sys" }]);
});

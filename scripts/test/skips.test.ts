import { expect, test } from "vitest";
import { type Machine, skipRefused } from "./skips.ts";

const machine = (more: Partial<Machine>): Machine => ({
  isRoot: true,
  hasApt: true,
  hasHistory: true,
  hasProgram: () => false,
  ...more,
});
const STRACE = "a render that is killed (skipped: needs strace: apt-get install strace)";

test("a tool may be missing where nobody can install it", () => {
  expect(skipRefused(STRACE, machine({ hasApt: false }))).toBeUndefined();
  expect(skipRefused(STRACE, machine({ isRoot: false }))).toBeUndefined();
  expect(skipRefused(STRACE, machine({}))).toBe("skipped, though this machine could run it");
});

test("a test that needs root runs where there is root", () => {
  const says = "two routers: network namespaces need root: run sudo ./greenleaf test nat";
  expect(skipRefused(says, machine({ isRoot: false }))).toBeUndefined();
  expect(skipRefused(says, machine({}))).toBe("skipped, though this machine could run it");
});

test("terraform is no package of Debian's, but may be installed", () => {
  const says = "plans (skipped: terraform is not installed (releases.hashicorp.com/terraform, 1.11 or later))";
  expect(skipRefused(says, machine({}))).toBeUndefined();
  expect(skipRefused(says, machine({ hasProgram: () => true }))).toBe("skipped, though this machine could run it");
});

test("an upgrade is tried wherever the older commit is", () => {
  const says =
    "a world of an older checkout (skipped: an upgrade needs the history of this checkout: git fetch --unshallow)";
  expect(skipRefused(says, machine({ hasHistory: false }))).toBeUndefined();
  expect(skipRefused(says, machine({}))).toBe("skipped, though this machine could run it");
});

test("a kernel is as it is", () => {
  expect(skipRefused("a router: this kernel has no legacy: Table does not exist", machine({}))).toBeUndefined();
});

test("any other reason is none", () => {
  for (const says of ["later", "flaky", "images are not built (aws): sudo ./greenleaf images aws"])
    expect(skipRefused(says, machine({}))).toBe("skipped for no reason of scripts/test/skips.ts");
});

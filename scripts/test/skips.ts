import { spawnSync } from "node:child_process";
import { hasProgram } from "../programs.ts";

/** What this machine could do about a test that was skipped. */
export interface Machine {
  readonly isRoot: boolean;
  /** Debian's packages can be installed: what they bring is installed before the tests that need it. */
  readonly hasApt: boolean;
  /** This checkout is a whole clone, with every commit of before. */
  readonly hasHistory: boolean;
  hasProgram(program: string): boolean;
}

interface AllowedSkip {
  /** What the name of the test, or the call that skips it, says. */
  readonly says: RegExp;
  /** Whether that holds on this machine. */
  holds(machine: Machine): boolean;
}

/** All reasons for which a test may be skipped; any other is a failure, and so is one of these that does not hold. */
const ALLOWED: readonly AllowedSkip[] = [
  { says: /needs? root\b/, holds: ({ isRoot }) => !isRoot },
  { says: /apt-get install/, holds: ({ isRoot, hasApt }) => !isRoot || !hasApt },
  // Debian has neither; HashiCorp's own archive and a mirror of its providers are the operator's to fetch.
  { says: /terraform is not installed/, holds: (machine) => !machine.hasProgram("terraform") },
  // A program is there, the kernel it runs on is not made for it.
  { says: /this kernel has no (veth|vxlan|nft|legacy)\b/, holds: () => true },
  { says: /this kernel lets nobody trace/, holds: () => true },
  // The engine's plugins are installed with it, but not by a user who may not.
  { says: /docker compose is missing/, holds: ({ isRoot, hasApt }) => !isRoot || !hasApt },
  { says: /needs the history of this checkout/, holds: ({ hasHistory }) => !hasHistory },
];

export const thisMachine: Machine = {
  isRoot: process.getuid?.() === 0,
  hasApt: hasProgram("apt-get"),
  hasHistory: isWholeClone(),
  hasProgram,
};

/** Said by git itself; where it answers nothing, this is an unpacked archive. */
function isWholeClone(): boolean {
  const asked = ["-c", "safe.directory=*", "rev-parse", "--is-shallow-repository"];
  const { stdout } = spawnSync("git", asked, { cwd: import.meta.dirname, encoding: "utf8" });
  return stdout?.trim() === "false";
}

/** Undefined where a test may be skipped for what it says; else why it may not. */
export function skipRefused(says: string, machine: Machine = thisMachine): string | undefined {
  const known = ALLOWED.filter((allowed) => allowed.says.test(says));
  if (known.length === 0) return "skipped for no reason of scripts/test/skips.ts";
  return known.some((allowed) => allowed.holds(machine)) ? undefined : "skipped, though this machine could run it";
}

import { type Machine, skipRefused } from "./skips.ts";

/** What `greenleaf test` prints behind its last group: what failed, what was skipped, the counts. */
export function closingOf(stdout: string): readonly string[] {
  const lines = stdout.trimEnd().split("\n");
  return lines.slice(lines.findLastIndex((line) => line.startsWith("== ")) + 1).filter((line) => line !== "");
}

/** Where everything that Debian has can be installed, and nothing else is. */
export const NEWCOMER: Machine = { isRoot: true, hasApt: true, hasHistory: true, hasProgram: () => false };

/** Why a whole run is not green on a newcomer's machine; empty where it is. */
export function faultsOf(code: number | null, stdout: string): readonly string[] {
  const closing = closingOf(stdout);
  const [, passed = "0", failed = "0"] = /^(\d+) passed, (\d+) failed, \d+ skipped$/.exec(closing.at(-1) ?? "") ?? [];
  const skips = closing.filter((line) => line.startsWith("skipped: ")).map((line) => line.slice("skipped: ".length));
  return [
    ...(code === 0 ? [] : [`it ended with code ${code}`]),
    ...(Number(passed) > 0 ? [] : ["its last line counts no test that passed"]),
    ...(Number(failed) === 0 ? [] : [`${failed} failed`]),
    ...closing.filter((line) => line.startsWith("failed: ")),
    ...skips.flatMap((says) => {
      const refused = skipRefused(says, NEWCOMER);
      return refused === undefined ? [] : [`${says}: ${refused}`];
    }),
  ];
}

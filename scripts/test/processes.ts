import { readdirSync, readFileSync } from "node:fs";
import { endProcess } from "../../node-agent/src/base/process-groups.ts";

/** Borne by every process of a run: what is left with it when the run is over does not belong here any more. */
export const RUN_VARIABLE = "GREENLEAF_TEST_RUN";
/** Set for the processes that clean up after a suite: they outlive it on purpose. */
const REAPER_MARK = "GREENLEAF_TEST_REAPER=1\0";

/** Every process of a run: what bears its mark, and what such a process started under an environment of its own. */
export function processesOf(id: string): number[] {
  const all = processes().filter((pid) => pid !== process.pid);
  return withDescendants(all.filter((pid) => environmentOf(pid).includes(`${RUN_VARIABLE}=${id}\0`))).filter(runs);
}

function withDescendants(pids: readonly number[]): number[] {
  const found = new Set(pids);
  const parents = new Map(processes().map((pid) => [pid, parentOf(pid)]));
  // Descendants of descendants: as many rounds as find another one.
  for (let before = -1; before !== found.size; ) {
    before = found.size;
    for (const [pid, parent] of parents) if (parent !== undefined && found.has(parent)) found.add(pid);
  }
  return [...found];
}

/** Half an installation is worse than a late end. */
const UNINTERRUPTED = /^(apt-get|apt|dpkg)$/;
const PATIENCE_MS = 5_000;

/** Ends whatever this process has started, but for `spared` and what cleans up. */
export async function endChildren(spared: number | undefined): Promise<void> {
  const ours = withDescendants([process.pid]).filter((pid) => pid !== process.pid && pid !== spared && !isReaper(pid));
  const children = ours.filter((pid) => !UNINTERRUPTED.test(nameOf(pid)));
  for (const signal of ["SIGTERM", "SIGKILL"] as const) {
    for (const pid of children) endProcess(pid, signal);
    for (let waited = 0; waited < PATIENCE_MS && children.some(runs); waited += 50)
      await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

const nameOf = (pid: number): string => textOf(`/proc/${pid}/comm`).trim();
const processes = (): number[] =>
  readdirSync("/proc")
    .map(Number)
    .filter((pid) => pid > 0);

export const isReaper = (pid: number): boolean => environmentOf(pid).includes(REAPER_MARK);

/** A zombie is gone; whose child it is has not asked yet. */
export function runs(pid: number): boolean {
  const state = statOf(pid)?.[0];
  return state !== undefined && state !== "Z";
}

const parentOf = (pid: number): number | undefined => Number(statOf(pid)?.[1]) || undefined;

/** The fields behind the name, which may itself hold blanks and brackets. */
function statOf(pid: number): string[] | undefined {
  const text = textOf(`/proc/${pid}/stat`);
  return text === "" ? undefined : text.slice(text.lastIndexOf(")") + 2).split(" ");
}

const environmentOf = (pid: number): string => `${textOf(`/proc/${pid}/environ`)}\0`;

/** Empty for a process that ended meanwhile or is another user's. */
function textOf(path: string): string {
  try {
    return readFileSync(path, "latin1");
  } catch {
    return "";
  }
}

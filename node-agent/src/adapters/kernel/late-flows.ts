import type { Exec } from "../../base/exec.ts";
import { LATE_TABLE } from "../../core/router/nat/flows/late-flows.ts";

/** The table that marks late packets, through nft. */
export interface LateFlows {
  /** Whether the table is there; undefined where there is no nft, or a kernel without it. */
  stands(): Promise<boolean | undefined>;
  put(text: string): Promise<void>;
  /** Adds to its sets; a table that went meanwhile, or a full set, takes nothing. */
  tell(text: string): Promise<void>;
  remove(): Promise<void>;
}

const LIMIT_MS = 10_000;

export function lateFlows(exec: Exec): LateFlows {
  const load = async (input: string, accept: readonly number[]) =>
    void (await exec(["nft", "-f", "-"], { input, accept, timeoutMs: LIMIT_MS }));
  return {
    stands: () =>
      exec(["nft", "list", "tables", "ip"], { timeoutMs: LIMIT_MS }).then(
        ({ stdout }) => stdout.split("\n").includes(`table ip ${LATE_TABLE}`),
        () => undefined,
      ),
    put: (text) => load(text, [0]),
    tell: (text) => load(text, [0, 1]),
    remove: () => load(`delete table ip ${LATE_TABLE}\n`, [0, 1]),
  };
}

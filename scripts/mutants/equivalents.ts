import listed from "./equivalents.json" with { type: "json" };
import type { Mutant } from "./mutants.ts";

/** A change that no test can notice, as a person found out. */
export interface Equivalent {
  readonly file: string;
  /** The line it changes, without the space around it: line numbers move. */
  readonly line: string;
  readonly change: string;
  readonly why: string;
}

export const EQUIVALENTS: readonly Equivalent[] = listed;

export const isListed = (mutant: Mutant, source: string, all: readonly Equivalent[] = EQUIVALENTS): boolean => {
  const line = source.split("\n")[mutant.line - 1]?.trim();
  return all.some((one) => one.file === mutant.file && one.line === line && one.change === mutant.shown);
};

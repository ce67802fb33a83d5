import { EXIT } from "../../node-agent/src/base/errors.ts";

/** What one part of the audit found out. */
export interface Part {
  readonly title: string;
  /** What must be fixed, each with its place. */
  readonly findings: readonly string[];
  /** What is known and stays, with its reason. */
  readonly kept: readonly string[];
  /** What could not be asked, and why; its silence proves nothing. */
  readonly unreached: readonly string[];
}

export const part = (title: string, { findings = [], kept = [], unreached = [] }: Partial<Part>): Part => ({
  title,
  findings,
  kept,
  unreached,
});

/** 69 where something must be fixed, 2 where not all could be asked, else 0. */
export function verdictOf(parts: readonly Part[]): number {
  if (parts.some(({ findings }) => findings.length > 0)) return EXIT.unhealthy;
  return parts.some(({ unreached }) => unreached.length > 0) ? EXIT.degraded : EXIT.ready;
}

export function reportText(parts: readonly Part[]): string {
  const lines = parts.flatMap(({ title, findings, kept, unreached }) => [
    `${title}: ${findings.length === 0 ? "nothing found" : `${findings.length} found`}`,
    ...findings.map((text) => `  MEND         ${text}`),
    ...kept.map((text) => `  kept         ${text}`),
    ...unreached.map((text) => `  not reached  ${text}`),
  ]);
  return `${lines.join("\n")}\n`;
}

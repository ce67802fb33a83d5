import { median, quantile } from "../../support/quantile.ts";

export interface Row {
  readonly what: string;
  readonly measured: string;
  readonly target?: string;
  /** Undefined where there is no target. */
  readonly isHeld?: boolean;
}

/** The median and the middle half: `12.3 (11.9 to 12.8)`. */
export const spread = (values: readonly number[], digits = 2): string =>
  `${median(values).toFixed(digits)} (${quantile(values, 0.25).toFixed(digits)} to ${quantile(values, 0.75).toFixed(digits)})`;

/** A Markdown table, as docs/router.md shows it. */
export function tableOf(rows: readonly Row[]): string {
  const mark = (isHeld: boolean | undefined) => (isHeld === undefined ? "" : isHeld ? "held" : "**not held**");
  const lines = rows.map(
    ({ what, measured, target = "", isHeld }) => `| ${what} | ${measured} | ${target} | ${mark(isHeld)} |`,
  );
  return ["| what | measured | target | |", "|---|---|---|---|", ...lines].join("\n");
}

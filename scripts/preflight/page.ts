import { EXIT, type ExitCode } from "../../node-agent/src/base/errors.ts";
import type { Finding } from "./finding.ts";

const MARKS = { ok: "ok", fails: "FAILS", warns: "warns", unseen: "?" } as const;
const COLORS = { ok: 32, fails: 31, warns: 33, unseen: 36 } as const;

export interface Looked {
  readonly environment: string;
  readonly region: string;
  readonly findings: readonly Finding[];
}

/** What the command prints and ends with: only what would stop an apply is a failure. */
export function answerOf(
  looked: Looked,
  { isJson, isColored }: { readonly isJson: boolean; readonly isColored: boolean },
): { readonly text: string; readonly exitCode: ExitCode } {
  const { environment, findings } = looked;
  const text = isJson ? `${JSON.stringify(looked, null, 2)}\n` : pageOf(environment, findings, isColored);
  return { text, exitCode: findings.some(({ verdict }) => verdict === "fails") ? EXIT.unhealthy : EXIT.ready };
}

/** A line each; below what is not well, what to do. Colour on a terminal only. */
export function pageOf(environment: string, findings: readonly Finding[], isColored: boolean): string {
  const width = Math.max(...findings.map(({ subject }) => subject.length));
  const lines = findings.flatMap(({ subject, verdict, why, fix }) => {
    const mark = MARKS[verdict].padEnd(5);
    const head = isColored ? `\u001b[${COLORS[verdict]}m${mark}\u001b[0m` : mark;
    const indent = " ".repeat(width + 9);
    return [`${head}  ${subject.padEnd(width)}  ${why}`, ...(fix === undefined ? [] : [`${indent}→ ${fix}`])];
  });
  return `${[...lines, "", summaryOf(environment, findings)].join("\n")}\n`;
}

function summaryOf(environment: string, findings: readonly Finding[]): string {
  const of = (wanted: Finding["verdict"]) => findings.filter(({ verdict }) => verdict === wanted).length;
  const [fails, warns, unseen] = [of("fails"), of("warns"), of("unseen")];
  const rest = [...(warns > 0 ? [`${warns} to know of`] : []), ...(unseen > 0 ? [`${unseen} could not be seen`] : [])];
  const head =
    fails === 0 ? `nothing seen would stop an apply of ${environment}` : `${fails} would stop ${environment}`;
  return [head, ...rest].join(", ");
}

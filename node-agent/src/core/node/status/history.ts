import { isCount, isText, oneOf, optional, parsed, shape } from "../../../base/shape.ts";
import type { Status } from "./status.ts";

/** One thing that changed this node, and what came of it. Holds no secret. */
export interface HistoryEntry {
  readonly at: string;
  /** A rotation is a boot of the same release with other values. */
  readonly what: "deploy" | "boot" | "repair" | "rotation";
  /** Who asked for it; absent where the machine itself did. */
  readonly by?: string;
  /** The release that ran before, and the one that runs now. */
  readonly from?: string;
  readonly to?: string;
  readonly result: string;
  /** Why the result is not `ready`: the failure's code and its words. Of a rotation: which keys changed. */
  readonly code?: string;
  readonly why?: string;
  readonly operations: number;
}

/** So many are kept; some hundred bytes each. */
const KEPT = 500;

const isEntry = shape({
  at: isText,
  what: oneOf("deploy", "boot", "repair", "rotation"),
  by: optional(isText),
  from: optional(isText),
  to: optional(isText),
  result: isText,
  code: optional(isText),
  why: optional(isText),
  operations: isCount,
});

/** Entries of a file, one JSON object a line, oldest first; a damaged line is left out. */
export function parseHistory(text: string | undefined): readonly HistoryEntry[] {
  const lines = (text ?? "").split("\n").filter((line) => line !== "");
  return lines.flatMap((line) => (parsed(line, isEntry) as HistoryEntry | undefined) ?? []);
}

/** The file with one entry more, and the oldest ones gone where there are too many. */
export function withEntry(text: string | undefined, entry: HistoryEntry): string {
  return [...parseHistory(text), entry]
    .slice(-KEPT)
    .map((one) => `${JSON.stringify(one)}\n`)
    .join("");
}

/** What a boot did; undefined for one that found everything as it should be. */
export function bootEntry(
  before: Pick<Status, "release" | "interrupted">,
  after: Status,
  { by, rotated }: { by?: string | undefined; rotated?: string | undefined },
): HistoryEntry | undefined {
  const operations = after.phases.reduce((sum, phase) => sum + (phase.operations ?? 0), 0);
  const isMoved = before.release !== undefined && after.release !== undefined && before.release !== after.release;
  const isQuiet = after.verdict === "ready" || isRefused(after);
  if (operations === 0 && isQuiet && !isMoved && rotated === undefined && before.interrupted === undefined)
    return undefined;
  return {
    at: after.updated,
    what: isMoved ? "deploy" : rotated === undefined ? "boot" : "rotation",
    ...present({ by, from: before.release, to: after.release }),
    result: after.verdict,
    ...present({ why: rotated }),
    ...whyOf(after),
    operations,
  };
}

/** Values that were refused and left alone since are no news. */
const isRefused = ({ reason }: Status): boolean => reason?.code === "values.refused";

function whyOf({ reason }: Status): Pick<HistoryEntry, "code" | "why"> {
  return reason === undefined ? {} : present({ code: reason.code, why: `${reason.what}: ${reason.why}` });
}

/** Without the members that are undefined. */
const present = <K extends string>(members: Record<K, string | undefined>): Partial<Record<K, string>> =>
  Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined)) as Partial<Record<K, string>>;

/** For people, the newest first. */
export function historyText(entries: readonly HistoryEntry[]): string {
  return entries.length === 0 ? "nothing has changed this node so far" : entries.toReversed().map(entryLine).join("\n");
}

function entryLine({ at, what, by, from, to, result, code, why, operations }: HistoryEntry): string {
  const release = from === to || from === undefined ? (to ?? "") : `${from} -> ${to ?? "?"}`;
  const told = [code, why].filter((part) => part !== undefined).join(": ");
  const parts = [at.slice(0, 19).replace("T", " "), what.padEnd(8), result.padEnd(8), (by ?? "-").padEnd(8), release];
  return `${parts.join("  ")}  ${operations} operations${told === "" ? "" : `  (${told})`}`;
}

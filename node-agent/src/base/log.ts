import { type FailureFacts, factsText } from "./errors.ts";

/** Everything the agent tells while it works. Data goes to stdout; events go to stderr, and only from here. */
export type LogEvent =
  | { kind: "phase-started"; phase: string }
  | { kind: "phase-finished"; phase: string; ms: number; operations: number; note?: string }
  | { kind: "phase-failed"; phase: string; ms: number; code: string; what: string; why: string }
  | { kind: "operation"; phase: string; operation: string; why: string }
  | { kind: "progress"; phase: string; message: string }
  | { kind: "notice"; message: string }
  | VerdictEvent
  | ErrorEvent;

/** The last event of a command that failed; `stack` only of a bug. */
type ErrorEvent = { readonly kind: "error"; readonly stack?: string } & FailureFacts;

/** What a boot came to: the one event that a fleet wants to be woken by. */
export interface VerdictEvent {
  readonly kind: "verdict";
  readonly verdict: string;
  readonly ms: number;
  readonly release?: string;
  /** Of a verdict that is not `ready`. */
  readonly reason?: { readonly code?: string; readonly what: string; readonly why: string; readonly fix?: string };
}

export interface Log {
  emit(event: LogEvent): void;
}

export type LogFormat = "text" | "json";

const seconds = (ms: number): string => `${(ms / 1000).toFixed(1)}s`;

const text: { [K in LogEvent["kind"]]: (event: Extract<LogEvent, { kind: K }>) => string } = {
  "phase-started": (e) => `${e.phase.padEnd(9)} started`,
  "phase-finished": (e) =>
    `${e.phase.padEnd(9)} done ${seconds(e.ms)}  ${e.operations} operations${e.note ? `  ${e.note}` : ""}`,
  "phase-failed": (e) => `${e.phase.padEnd(9)} failed ${seconds(e.ms)}  ${e.what}`,
  operation: (e) => `${e.phase.padEnd(9)} ${e.operation}  (${e.why})`,
  progress: (e) => `${e.phase.padEnd(9)} ${e.message}`,
  notice: (e) => e.message,
  verdict: verdictText,
  error: factsText,
};

/** One line of text for an event; no timestamp, the journal has one. */
export function eventText(event: LogEvent): string {
  return (text[event.kind] as (event: LogEvent) => string)(event);
}

/** One line of JSON for an event. */
export const eventJson = (event: LogEvent): string => JSON.stringify(event);

function verdictText({ verdict, release, ms, reason }: VerdictEvent): string {
  const told = reason ? `: ${reason.what} (${reason.why})` : "";
  return `report    verdict ${verdict}${release === undefined ? "" : `, release ${release}`}, ${seconds(ms)}${told}`;
}

const MARKS: Partial<Record<LogEvent["kind"], string>> = {
  "phase-finished": "\u001b[32m✓\u001b[0m ",
  "phase-failed": "\u001b[31m✗\u001b[0m ",
};

/** Writes events as text or one JSON object a line; marks and colour only where `colour` says a terminal reads. */
export function createLog(write: (line: string) => void, options: { format: LogFormat; colour: boolean }): Log {
  return {
    emit(event) {
      if (options.format === "json") return write(eventJson(event));
      const mark = options.colour ? (MARKS[event.kind] ?? "  ") : "";
      return write(`${mark}${eventText(event)}`);
    },
  };
}

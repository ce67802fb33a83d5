import { expect, test } from "vitest";
import { createLog, type LogEvent } from "./log.ts";

const finished: LogEvent = { kind: "phase-finished", phase: "stack", ms: 12_440, operations: 5 };

function written(options: { format: "text" | "json"; colour: boolean }): string {
  const lines: string[] = [];
  createLog((line) => lines.push(line), options).emit(finished);
  return lines.join("\n");
}

test("an event is one plain line where no terminal reads", () => {
  expect(written({ format: "text", colour: false })).toBe("stack     done 12.4s  5 operations");
});

test("an event is one JSON object for machines", () => {
  expect(JSON.parse(written({ format: "json", colour: true }))).toEqual(finished);
});

test("colour and marks appear only on a terminal", () => {
  expect(written({ format: "text", colour: true })).toContain("✓");
});

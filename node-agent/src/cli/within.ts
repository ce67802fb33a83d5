import type { OptionValue } from "../base/cli/command-spec.ts";
import { UsageError } from "../base/errors.ts";

/** Milliseconds of `--within SECONDS`. */
export function millisecondsOf(within: OptionValue, fallback: string): number {
  const seconds = Number(within);
  if (seconds > 0) return seconds * 1000;
  throw new UsageError(`--within ${String(within)} is no time`, {
    code: "usage.within",
    why: "it takes seconds, above 0",
    fix: `leave it out for ${fallback}`,
  });
}

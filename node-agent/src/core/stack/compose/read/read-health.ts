import type { Healthcheck } from "../stack.ts";
import type { Cursor } from "./cursor.ts";

/** The engine takes nothing shorter; zero is the image's own. */
const SHORTEST = 1_000_000;

/** The `healthcheck` of a service in Docker's nanoseconds; what it leaves out is the image's own. */
export function readHealthcheck(check: Cursor): Healthcheck | undefined {
  if (!check.given) return undefined;
  const fields = {
    Test: check.at("disable").flag() === true ? ["NONE"] : readTest(check.at("test")),
    Interval: readTime(check.at("interval")),
    Timeout: readTime(check.at("timeout")),
    StartPeriod: readTime(check.at("start_period")),
    StartInterval: readTime(check.at("start_interval")),
    Retries: readRetries(check.at("retries")),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function readTime(time: Cursor): number | undefined {
  const nanoseconds = time.nanoseconds();
  if (nanoseconds === undefined || nanoseconds === 0 || nanoseconds >= SHORTEST) return nanoseconds;
  return time.refuse(`"${time.text()}" is shorter than 1ms`);
}

function readRetries(retries: Cursor): number | undefined {
  const count = retries.whole();
  return count !== undefined && count < 0 ? retries.refuse(`${count} is below 0`) : count;
}

function readTest(test: Cursor): readonly string[] | undefined {
  if (!test.given) return undefined;
  const words = test.texts();
  if (["CMD", "CMD-SHELL"].includes(words[0] ?? "") && words.length === 1) return test.refuse("needs a command");
  if (words.length === 0 || ["NONE", "CMD", "CMD-SHELL"].includes(words[0] ?? "")) return words;
  return test.refuse(`must begin with CMD, CMD-SHELL or NONE, not "${words[0]}"`);
}

import type { Cursor } from "./cursor.ts";
import type { Healthcheck } from "./stack.ts";

/** The `healthcheck` of a service in Docker's nanoseconds; what it leaves out is the image's own. */
export function readHealthcheck(check: Cursor): Healthcheck | undefined {
  if (!check.given) return undefined;
  const fields = {
    Test: check.at("disable").flag() === true ? ["NONE"] : readTest(check.at("test")),
    Interval: check.at("interval").nanoseconds(),
    Timeout: check.at("timeout").nanoseconds(),
    StartPeriod: check.at("start_period").nanoseconds(),
    StartInterval: check.at("start_interval").nanoseconds(),
    Retries: check.at("retries").whole(),
  };
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function readTest(test: Cursor): readonly string[] | undefined {
  if (!test.given) return undefined;
  if (!Array.isArray(test.value)) return ["CMD-SHELL", test.text() ?? ""];
  const words = test.texts();
  if (words.length === 0 || ["NONE", "CMD", "CMD-SHELL"].includes(words[0] ?? "")) return words;
  return test.refuse(`must begin with CMD, CMD-SHELL or NONE, not "${words[0]}"`);
}

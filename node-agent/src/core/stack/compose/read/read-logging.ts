import type { Cursor } from "./cursor.ts";
import { LOG_DRIVERS } from "./known-words.ts";

const VALUES: Readonly<Record<string, RegExp>> = {
  "max-size": /^(-1|\d+(\.\d+)? ?[kmgtp]?(i?b)?)$/i,
  "max-file": /^[1-9]\d*$/,
  "max-buffer-size": /^\d+(\.\d+)? ?[kmgtp]?(i?b)?$/i,
  compress: /^(true|false|t|f|1|0)$/i,
  mode: /^(blocking|non-blocking)$/,
};

/** The `logging` of a service. */
export function readLogging(logging: Cursor): { Type: string; Config: Record<string, string> } | undefined {
  if (!logging.given) return undefined;
  const driver = logging.at("driver").text() ?? "";
  if (driver !== "" && !Object.hasOwn(LOG_DRIVERS, driver)) {
    logging.at("driver").refuse(`"${driver}" is not one of ${Object.keys(LOG_DRIVERS).join(", ")}`);
  }
  const options = logging.at("options");
  for (const [name, option] of options.entries()) checkOption(name, option, LOG_DRIVERS[driver]);
  return { Type: driver, Config: options.record() };
}

function checkOption(name: string, option: Cursor, known: readonly string[] | undefined): void {
  if (known === undefined) return;
  if (!known.includes(name)) option.refuse(`is not an option of this driver: it takes ${known.join(", ") || "none"}`);
  else if (VALUES[name]?.test(option.text() ?? "") === false) option.refuse(`"${option.text()}" is no value for it`);
}

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { ERROR_CODES } from "../../node-agent/src/base/error-codes.ts";

const TABLE = "error-codes.ts";

/** Every code, the exit codes it comes with and what it means. */
export function errorsPage(): string {
  const subjects = Map.groupBy(Object.entries(ERROR_CODES), ([code]) => code.split(".")[0] ?? "");
  return [
    "# Error codes",
    "",
    "Every failure that is expected has a code. It is in the events of `--log json` (`error`, `verdict`, `phase-failed`), in the",
    "status document (`reason.code`, `phases[].error.code`) and does not change its meaning; the words of a message may. What to",
    "do about it is in the message's `fix`. Written by `node scripts/write-docs.ts` from `node-agent/src/base/error-codes.ts`;",
    "do not edit. The exit codes are those of sysexits: 64 usage, 69 unhealthy, 75 try again, 77 not permitted, 78 configuration.",
    "An error with the code `bug` (exit 70) is one of ours: please report it.",
    ...[...subjects].flatMap(([subject, codes]) => section(subject, codes)),
    "",
  ].join("\n");
}

function section(
  subject: string,
  codes: ReadonlyArray<[string, { exits: readonly number[]; means: string }]>,
): string[] {
  const rows = codes.map(
    ([code, { exits, means }]) => `| <a id="${code}"></a>\`${code}\` | ${exits.join(", ")} | ${means} |`,
  );
  return ["", `## ${subject}`, "", "| code | exit | what it means |", "|---|---|---|"].concat(rows);
}

/** Codes that no source gives: a page must not list what never happens. */
export function unusedCodes(repository: string): string[] {
  const sources = ["node-agent/src", "scripts"].flatMap((folder) => sourcesIn(join(repository, folder))).join("\n");
  return Object.keys(ERROR_CODES).filter((code) => !sources.includes(`"${code}"`));
}

function sourcesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts") && !name.endsWith(".test.ts") && !name.endsWith(TABLE))
    .map((name) => readFileSync(join(folder, name), "utf8"));
}

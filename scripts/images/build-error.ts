import { AgentError, EXIT, TemporaryError } from "../../node-agent/src/base/errors.ts";

/** An image cannot be built here, and trying again changes nothing. */
export class BuildError extends AgentError<typeof EXIT.unhealthy> {
  readonly exitCode = EXIT.unhealthy;
}

/** What apt, npm, curl and the engine say when the network or another machine is at fault. */
const PASSING =
  /temporary failure|could ?n[o']t (resolve|connect)|connection (timed out|refused|reset)|ETIMEDOUT|ECONNRESET|ECONNREFUSED|EAI_AGAIN|ENOTFOUND|tls handshake timeout|failed to fetch|unable to connect|\b50[0234] |i\/o timeout/i;

/** The error for a build step that failed, by what it printed. */
export function buildFailure(what: string, output: string, { log, again }: { log: string; again: string }): AgentError {
  const why = lastReason(output);
  const temporary = /no space left on device/i.test(output)
    ? "free some disk space (docker system df), then"
    : PASSING.test(output) && "check the network, then";
  const explanation = {
    code: "build.failed" as const,
    why,
    fix: `${temporary || `see ${log}, then`} run: ${again}`,
  };
  return temporary ? new TemporaryError(what, explanation) : new BuildError(what, explanation);
}

/** The last line of output that says what went wrong, without BuildKit's step numbers, its summary and stack traces. */
function lastReason(output: string): string {
  const [steps = ""] = output.split("\n------\n");
  const lines = steps
    .split("\n")
    .map((line) => line.replace(/^#\d+ ([\d.]+ )?/, "").trim())
    .filter((line) => line !== "" && !/^[->]|^at |^DONE|^CANCELED|^CACHED|failed to solve|executor failed/.test(line));
  const reasons = lines.filter((line) =>
    /error|fail|cannot|could not|not found|no space|\bE:|missing|denied/i.test(line),
  );
  return (reasons.at(-1) ?? lines.at(-1) ?? "the builder printed no reason").slice(0, 300);
}

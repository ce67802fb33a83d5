import { AgentError, ConfigurationError, EngineGone, PermissionError, TemporaryError } from "../../base/errors.ts";

/** Codes of a socket nobody listens on or that broke: the daemon is absent, starting or restarting. */
const GONE = new Set(["ECONNREFUSED", "ECONNRESET", "ENOENT", "EPIPE", "ECONNABORTED", "ETIMEDOUT"]);

const BAD_PARAMETER = 400;

/** HTTP status of an engine's refusal; undefined for anything else. */
export function statusOf(error: unknown): number | undefined {
  const status = error instanceof Error && "statusCode" in error ? error.statusCode : undefined;
  return typeof status === "number" ? status : undefined;
}

/** What went wrong in a call to the engine, as one of our errors; `what` is the operation. */
export function engineError(what: string, error: unknown): AgentError {
  if (error instanceof AgentError) return error;
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = engineWords(error);
  if (code === "EACCES" || code === "EPERM") {
    return new PermissionError(`${what}: the Docker engine may not be asked`, {
      code: "engine.denied",
      why,
      fix: "run as root",
      cause: error,
    });
  }
  if (GONE.has(code) || /socket hang up|aborted/.test(why)) {
    const fix = "start it: systemctl start docker, or install it: greenleaf-agent install";
    return new EngineGone(`${what}: the Docker engine does not answer`, {
      code: "engine.away",
      why,
      fix,
      cause: error,
    });
  }
  // A value that the engine does not take today it does not take tomorrow.
  if (statusOf(error) === BAD_PARAMETER) {
    const fix = "correct the Compose file of the release, publish it, then boot again";
    return new ConfigurationError(`${what} failed`, { code: "engine.refused", why, fix, cause: error });
  }
  return new TemporaryError(`${what} failed`, {
    code: "engine.failed",
    why,
    fix: "see the engine's own log: journalctl -u docker",
    cause: error,
  });
}

/** The engine's message without the wrapping of dockerode, on one line. */
export function engineWords(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const json =
    error instanceof Error && "json" in error ? (error.json as { message?: unknown } | undefined) : undefined;
  const words = typeof json?.message === "string" ? json.message : message;
  return words.trim().replaceAll(/\s+/g, " ");
}

import { ConfigurationError } from "../../base/errors.ts";
import type { EnvFile, Service, Stack } from "./compose/stack.ts";

export const JOB = "first-run";

/** What the job alone is given: a shop's first data, and the password of its first administrator. */
const JOB_ENVIRONMENT = "first-run.env";

/** What the first-run job says on stdout, in one line. */
export interface FirstRunResult {
  readonly migrated: boolean;
  readonly publishableKey: string;
}

/** Reads the job's one line; anything else on stdout is a fault of the image. */
export function readFirstRun(stdout: string): FirstRunResult {
  const lines = stdout.split("\n").filter((line) => line.trim() !== "");
  const value = lines.length === 1 ? parse(lines[0] ?? "") : undefined;
  const { migrated, publishable_key: key } = (value ?? {}) as { migrated?: unknown; publishable_key?: unknown };
  if (typeof migrated === "boolean" && typeof key === "string" && key !== "") return { migrated, publishableKey: key };
  throw new ConfigurationError("first-run: the job did not say what it did", {
    code: "first-run.answer",
    why: `stdout must be one JSON line with migrated and publishable_key; it has ${lines.length} lines`,
    fix: "the backend image of this release is broken: publish another one",
  });
}

export interface JobLine {
  readonly text: string;
  /** Told only now and then: Medusa writes hundreds of these while it migrates. */
  readonly isRoutine: boolean;
}

/** A line of the job's stderr for people: what Medusa logs as JSON is reduced to its message. */
export function readJobLine(line: string): JobLine {
  const { level, message } = (line.startsWith("{") ? (parse(line) ?? {}) : {}) as {
    level?: unknown;
    message?: unknown;
  };
  if (typeof level !== "string" || typeof message !== "string") return { text: line, isRoutine: false };
  const isRoutine = !["warn", "error", "fatal", "panic"].includes(level);
  return { text: isRoutine ? message : `${level}: ${message}`, isRoutine };
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/**
 * The stack reduced to the job: the backend's own service, run once under another command, with an env file more. A
 * release of before 0.2 has none: its backend was given everything.
 */
export function jobStack(stack: Stack, backend: Service): Stack {
  const { healthcheck: _checked, ...service } = backend;
  const job: Service = {
    ...service,
    name: JOB,
    envFiles: service.envFiles.flatMap((file, at) => (at === 0 ? [file, ownFile(file)] : [file])),
    dependsOn: [],
    ports: [],
    healthcheck: { Test: ["NONE"] },
    networks: service.networks.map(({ key, priority }) => ({ key, priority, aliases: [] })),
    config: { ...service.config, Cmd: [JOB] },
    host: { ...service.host, RestartPolicy: { Name: "no", MaximumRetryCount: 0 } },
  };
  const networks = stack.networks.filter(({ key }) => job.networks.some((network) => network.key === key));
  const volumes = stack.volumes.filter(({ key }) => job.mounts.some(({ source }) => source === key));
  return { ...stack, services: [job], networks, volumes };
}

const ownFile = (backend: EnvFile): EnvFile => ({
  ...backend,
  path: backend.path.replace(/[^/]*$/, JOB_ENVIRONMENT),
  required: false,
});

import { readFile } from "node:fs/promises";
import { Agent } from "node:http";
import { ENGINE_SOCKET } from "../../base/child-environment.ts";
import { PermissionError, TemporaryError } from "../../base/errors.ts";
import { type HttpAnswer, httpRequest } from "../../base/http-request.ts";
import type { EngineHoldings } from "../../core/install/record.ts";
import type { ListedContainer } from "../../core/stack/containers.ts";
import type { EngineImage } from "../../core/stack/unused-images.ts";
import { followEvents } from "./events.ts";
import { followLogs } from "./follow-logs.ts";

/** The few calls of the Docker API that the daemon needs, without dockerode's 30 MB. */
export interface EngineSocket {
  /** Containers of a compose project, stopped ones too. */
  containers(project: string): Promise<readonly ListedContainer[]>;
  /** The kernel's tables of TCP sockets in a container's network; undefined when it does not run. */
  tcpTables(containerId: string): Promise<string | undefined>;
  /** Stops a container within its own grace period. */
  stop(containerId: string): Promise<void>;
  /** Tells what happens to containers of a project, until the signal or the engine ends it; a second call goes on. */
  events(project: string, heard: (event: EngineEvent) => void, signal: AbortSignal): Promise<void>;
  /** Tells what a container prints on stdout from now on, some seconds late, until the signal or its end. */
  followLogs(containerId: string, heard: (line: string) => void, signal: AbortSignal): Promise<void>;
  version(): Promise<EngineVersion>;
  /** What would be lost with the engine, whoever made it. */
  holdings(): Promise<EngineHoldings>;
  images(): Promise<readonly EngineImage[]>;
  /** Ids of the images that containers are made of, whoever made them and whether they run. */
  imagesInUse(): Promise<ReadonlySet<string>>;
  /** Never by force: one that a container uses stays, and that is refused. */
  removeImage(reference: string): Promise<void>;
  pruneBuildCache(): Promise<void>;
}

/** One thing that happened to a container, in Docker's words: `die`, `oom`, `pause`, `destroy`, `update` ... */
export interface EngineEvent {
  readonly action: string;
  readonly service: string;
}

export interface EngineVersion {
  Version: string;
  ApiVersion: string;
  Os: string;
  Arch: string;
}

const ANSWER_MS = 3_000;
/** Longer than any stop_grace_period of a stack. */
const STOP_MS = 120_000;
/** Layers by the thousand are deleted one by one. */
const REMOVE_MS = 120_000;

export function engineSocket(socketPath = ENGINE_SOCKET): EngineSocket {
  let agent: Agent | undefined;
  const ask: Ask = (method, path, timeoutMs) => {
    // Most commands never ask: node:http is loaded by the first that does.
    agent ??= new Agent({ keepAlive: true, maxSockets: 4 });
    return httpRequest({ url: `http://docker${path}`, method, timeoutMs, socketPath, agent }).catch(
      (cause: unknown) => {
        throw notReached(socketPath, cause);
      },
    );
  };
  const read = async <T>(path: string): Promise<T> => json(await ask("GET", path, ANSWER_MS), path) as T;
  return {
    containers: (project) => {
      const filters = JSON.stringify({ label: [`com.docker.compose.project=${project}`] });
      return read(`/containers/json?all=1&filters=${encodeURIComponent(filters)}`);
    },
    tcpTables: async (id) => {
      const pid = (await read<{ State: { Pid: number } }>(`/containers/${id}/json`)).State.Pid;
      if (!pid) return undefined;
      const tables = await Promise.all(["tcp", "tcp6"].map((table) => readFile(`/proc/${pid}/net/${table}`, "utf8")));
      return tables.join("\n");
    },
    // 304: stopped already; 404: gone already. Both are what was asked for.
    stop: async (id) => {
      const answer = await ask("POST", `/containers/${id}/stop`, STOP_MS);
      if (![204, 304, 404].includes(answer.status)) throw refused(answer, `stop ${id}`);
    },
    events: (project, heard, signal) => followEvents(socketPath, { project, heard, signal }),
    followLogs: (id, heard, signal) => followLogs(socketPath, { id, heard, signal }),
    version: () => read("/version"),
    ...imageCalls(read, ask),
    holdings: async () => {
      const [containers, { Volumes }, images] = await Promise.all([
        read<unknown[]>("/containers/json?all=1"),
        read<{ Volumes: unknown[] | null }>("/volumes"),
        read<unknown[]>("/images/json"),
      ]);
      return { containers: containers.length, volumes: Volumes?.length ?? 0, images: images.length };
    },
  };
}

type Ask = (method: "GET" | "POST" | "DELETE", path: string, timeoutMs: number) => Promise<HttpAnswer>;
type ImageCalls = Pick<EngineSocket, "images" | "imagesInUse" | "removeImage" | "pruneBuildCache">;

function imageCalls(read: <T>(path: string) => Promise<T>, ask: Ask): ImageCalls {
  return {
    images: async () => {
      const found = await read<ReadonlyArray<{ Id: string; RepoDigests: readonly string[] | null }>>("/images/json");
      return found.map(({ Id, RepoDigests }) => ({ id: Id, references: RepoDigests ?? [] }));
    },
    imagesInUse: async () => {
      const containers = await read<ReadonlyArray<{ ImageID: string }>>("/containers/json?all=1");
      return new Set(containers.map(({ ImageID }) => ImageID));
    },
    // 404: gone already.
    removeImage: async (reference) => {
      const answer = await ask("DELETE", `/images/${reference}`, REMOVE_MS);
      if (![200, 404].includes(answer.status)) throw refused(answer, `the removal of image ${reference}`);
    },
    pruneBuildCache: async () => {
      const answer = await ask("POST", "/build/prune?all=1", REMOVE_MS);
      if (answer.status !== 200) throw refused(answer, "to prune the build cache");
    },
  };
}

function json(answer: HttpAnswer, path: string): unknown {
  if (answer.status !== 200) throw refused(answer, path);
  return JSON.parse(answer.body);
}

function refused(answer: HttpAnswer, what: string): TemporaryError {
  return new TemporaryError(`the Docker engine refused ${what}`, {
    code: "engine.refused",
    why: `it answered ${answer.status}: ${answer.body.slice(0, 200).trim()}`,
    fix: "see the engine's own log: journalctl -u docker",
  });
}

function notReached(socketPath: string, cause: unknown): TemporaryError | PermissionError {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  const why = cause instanceof Error ? cause.message : String(cause);
  if (code === "EACCES") {
    return new PermissionError("the Docker engine may not be asked", {
      code: "engine.denied",
      why: `${socketPath} is not open to this user`,
      fix: "run as root",
      cause,
    });
  }
  return new TemporaryError("the Docker engine does not answer", {
    code: "engine.away",
    why,
    fix: "start it: systemctl start docker, or install it: greenleaf-agent install",
    cause,
  });
}

import { readFile } from "node:fs/promises";
import { setTimeout as pause } from "node:timers/promises";
import type Docker from "dockerode";
import { connectionsInto } from "../../core/node/in-flight.ts";
import type {
  Engine,
  InspectedContainer,
  ListedContainer,
  ListedPlace,
  PresentImage,
} from "../../core/stack/engine.ts";
import type { Connections, Heard } from "./connections.ts";
import { engineError, statusOf } from "./error.ts";
import { execOnce, healthCommand } from "./exec.ts";
import { limitsOf, updateBody } from "./limits.ts";
import { lastLines } from "./logs.ts";
import { type ArchiveInfo, isProgram } from "./path-stat.ts";
import { pullImage } from "./pull.ts";
import { runOneOff } from "./run.ts";

/** Milliseconds for an answer; a stop takes as long as its grace period. */
const ANSWER_MS = 60_000;
const STOP_MS = 300_000;
/** The longest a boot can wait for a job: its unit ends it soon after. */
const RUN_MS = 720_000;

export const PULL_LIMITS = {
  /** Without a byte for any of the images that are pulled. */
  silenceMs: 30_000,
  /** For the whole of an image: with the other phases less than the unit's TimeoutStartSec. */
  totalMs: 420_000,
};

/** The engine behind a socket, through dockerode, which is loaded at the first call. */
export function dockerEngine(socketPath: string, limits = PULL_LIMITS): Engine {
  const call: Call = async (what, ask, { withinMs = ANSWER_MS, heard } = {}) => {
    const connections = await newConnections(heard);
    try {
      const docker = await open(socketPath, connections);
      return await Promise.race([answered(ask(docker), withinMs), connections.failed]);
    } catch (error) {
      throw engineError(what, error);
    } finally {
      connections.close();
    }
  };
  return { ...looking(call), ...making(call, limits), ...running(call) };
}

// What it stands on, node:http, takes a moment to load, and many a command never asks the engine.
async function newConnections(heard: Heard | undefined): Promise<Connections> {
  const { Connections } = await import("./connections.ts");
  return new Connections(heard);
}

interface CallLimits {
  readonly withinMs?: number;
  readonly heard?: Heard;
}

type Call = <T>(what: string, ask: (docker: Docker) => Promise<T>, limits?: CallLimits) => Promise<T>;

type Looking = "version" | "list" | "inspect" | "networks" | "volumes" | "image" | "canRun" | "logs";

const looking = (call: Call): Pick<Engine, Looking> => ({
  version: () =>
    call("ask the engine", async (docker) => {
      const { Version, ApiVersion } = await docker.version();
      return { version: Version, api: ApiVersion };
    }),
  list: () => call("list containers", async (docker) => (await docker.listContainers({ all: true })).map(listed)),
  inspect: (id) => call(`inspect ${id}`, (d) => absent(async () => inspected(await d.getContainer(id).inspect()))),
  networks: () => call("list networks", async (d) => (await d.listNetworks()).map(place)),
  volumes: () => call("list volumes", async (d) => ((await d.listVolumes()).Volumes ?? []).map(place)),
  image: (reference) =>
    call(`inspect ${reference}`, (d) => absent(async () => present(await d.getImage(reference).inspect()))),
  canRun: async (id, path) => {
    const ask = (d: Docker) => absent(() => d.getContainer(id).infoArchive({ path }));
    const answer = (await call(`look for ${path} in container ${id}`, ask)) as ArchiveInfo | undefined;
    return answer !== undefined && isProgram(answer.headers["x-docker-container-path-stat"]);
  },
  logs: (id, lines) => call(`read the logs of ${id}`, (d) => lastLines(d, id, lines)),
});

const place = ({
  Name,
  Labels,
}: {
  Name: string;
  Labels?: Record<string, string> | null | undefined;
}): ListedPlace => ({
  name: Name,
  labels: Labels ?? {},
});

/** `["NONE"]` takes away what the image's own base had. */
function present({ Id, Config }: Docker.ImageInspectInfo): PresentImage {
  const [how = "NONE"] = (Config?.Healthcheck as { Test?: readonly string[] } | undefined)?.Test ?? [];
  const path = Config?.Env?.find((variable) => variable.startsWith("PATH="))?.slice("PATH=".length) ?? "";
  return { id: Id, hasCheck: how !== "NONE", entrypoint: [Config?.Entrypoint ?? []].flat(), path };
}

type Making = "removeImage" | "createNetwork" | "createVolume" | "pull" | "create" | "connect";

const making = (call: Call, limits: typeof PULL_LIMITS): Pick<Engine, Making> => ({
  removeImage: (reference) =>
    call(`remove image ${reference}`, (d) => absent(async () => void (await d.getImage(reference).remove()))),
  createNetwork: (body) => call(`create network ${body.Name}`, async (d) => void (await d.createNetwork(body))),
  createVolume: (body) => call(`create volume ${body.Name}`, async (d) => void (await d.createVolume(body))),
  pull: pulling(call, limits),
  create: (name, body, platform) => call(`create container ${name}`, (d) => create(d, { name, body, platform })),
  connect: (network, id, endpoint) =>
    call(`connect container ${id} to ${network}`, (d) => connect(d.getNetwork(network), id, endpoint)),
});

function pulling(call: Call, { silenceMs, totalMs }: typeof PULL_LIMITS): Engine["pull"] {
  const heard: Heard = { at: 0 };
  const silence = { heard, afterMs: silenceMs };
  return (reference, options) => {
    const ask = (docker: Docker) => pullImage(docker, { reference, options, silence });
    return call(`pull image ${reference}`, ask, { withinMs: totalMs, heard });
  };
}

function running(call: Call): Omit<Engine, Looking | Making> {
  const of = (verb: string, id: string, ask: (container: Docker.Container) => Promise<unknown>, withinMs = ANSWER_MS) =>
    call(`${verb} container ${id}`, async (docker) => void (await ask(docker.getContainer(id))), { withinMs });
  return {
    start: (id) => of("start", id, (container) => already(container.start())),
    stop: (id) => of("stop", id, (container) => absent(() => already(container.stop())), STOP_MS),
    restart: (id) => of("restart", id, (container) => already(container.restart()), STOP_MS),
    update: (id, limits) => of("update", id, (container) => container.update(updateBody(limits))),
    rename: (id, name) => of("rename", id, (container) => rename(container, name)),
    remove: (id, { keepVolumes }) =>
      of("remove", id, (container) => absent(() => container.remove({ force: true, v: !keepVolumes }))),
    exec: (id, command, withinMs) => call(`ask ${id}`, (d) => execOnce(d.getContainer(id), command, withinMs)),
    connectionsInto: (id, ports) =>
      call(`look at the connections of ${id}`, (d) => connectionsOf(d.getContainer(id), ports)),
    run: (id, onStderr) =>
      call(`run container ${id}`, (d) => runOneOff(d.getContainer(id), onStderr), { withinMs: RUN_MS }),
  };
}

async function open(socketPath: string, agent: Connections): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  // The types do not know the agent, which the library hands to node:http.
  const options = { socketPath, agent };
  return new Client(options);
}

// A daemon that hangs answers nothing at all, and dockerode waits for ever.
async function answered<T>(asked: Promise<T>, withinMs: number): Promise<T> {
  const { promise: silence, reject } = Promise.withResolvers<never>();
  const timer = setTimeout(() => {
    reject(Object.assign(new Error(`no answer for ${withinMs / 1000} s`), { code: "ETIMEDOUT" }));
  }, withinMs);
  try {
    return await Promise.race([asked, silence]);
  } finally {
    clearTimeout(timer);
  }
}

async function absent<T>(ask: () => Promise<T>): Promise<T | undefined> {
  try {
    return await ask();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** 304: what was asked for is so already. */
async function already(asked: Promise<unknown>): Promise<void> {
  try {
    await asked;
  } catch (error) {
    if (statusOf(error) !== 304) throw error;
  }
}

const RENAMES = 100;
const RENAME_PAUSE_MS = 50;

/**
 * Between two runs of a container that ends again and again its network's sandbox is gone, and the engine says so: with 404
 * like for a container that is not there. Each run brings it back for a moment, and the pauses grow: asked often, for seconds.
 */
async function rename(container: Docker.Container, name: string): Promise<void> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return void (await container.rename({ name }));
    } catch (error) {
      const status = statusOf(error) ?? 0;
      const isPassing = status >= 500 || (status === 404 && (await absent(() => container.inspect())) !== undefined);
      if (attempt === RENAMES || !isPassing) throw error;
      await pause(RENAME_PAUSE_MS);
    }
  }
}

/** From the kernel's tables of its network; undefined where they are not to be read: it ended, or this is no root. */
async function connectionsOf(
  container: Docker.Container,
  ports: readonly number[] | undefined,
): Promise<number | undefined> {
  const found = await absent(() => container.inspect());
  const pid = found?.State.Pid ?? 0;
  if (!found?.State.Running || pid === 0) return found === undefined || !found.State.Running ? 0 : undefined;
  try {
    const tables = await Promise.all(["tcp", "tcp6"].map((table) => readFile(`/proc/${pid}/net/${table}`, "utf8")));
    return connectionsInto(tables.join("\n"), ports);
  } catch {
    return undefined;
  }
}

interface Creation {
  name: string;
  body: object;
  platform: string | undefined;
}

// Without _query and _body dockerode puts the whole body, secrets of the environment too, into the URL.
async function create(docker: Docker, { name, body, platform }: Creation): Promise<string> {
  const query = platform === undefined ? { name } : { name, platform };
  const options = { _query: query, _body: body } as unknown as Docker.ContainerCreateOptions;
  return (await docker.createContainer(options)).id;
}

// Connected already: an earlier call that we never saw the answer of did it.
async function connect(network: Docker.Network, container: string, endpoint: object): Promise<void> {
  try {
    await network.connect({ Container: container, EndpointConfig: endpoint });
  } catch (error) {
    if (!/already exists in network/.test(String(error))) throw error;
  }
}

function listed({ Id, Names, Labels, Ports }: Docker.ContainerInfo): ListedContainer {
  const published = Ports.flatMap(({ PublicPort, Type }) => (PublicPort ? [`${PublicPort}/${Type}`] : []));
  return { id: Id, name: (Names[0] ?? Id).replace(/^\//, ""), labels: Labels, published: [...new Set(published)] };
}

function inspected({
  Config,
  Id,
  State,
  RestartCount,
  HostConfig,
  NetworkSettings,
  Mounts,
}: Docker.ContainerInspectInfo): InspectedContainer {
  return {
    id: Id,
    state: State.Status,
    upMs: Date.now() - Date.parse(State.StartedAt),
    exitCode: State.ExitCode,
    error: State.Error,
    health: State.Health?.Status,
    lastCheck: State.Health?.Log?.at(-1)?.Output,
    healthTest: healthCommand(Config),
    restarts: RestartCount,
    restartPolicy: HostConfig.RestartPolicy?.Name ?? "",
    limits: limitsOf(HostConfig),
    oomKilled: State.OOMKilled,
    networks: Object.keys(NetworkSettings.Networks),
    volumes: Mounts.flatMap(({ Type, Name, Destination }) =>
      Type === "volume" && Name !== undefined ? [{ name: Name, path: Destination }] : [],
    ),
    made: { config: { ...Config }, host: { ...HostConfig } },
    addresses: Object.values(NetworkSettings.Networks).flatMap(({ IPAddress }) => (IPAddress ? [IPAddress] : [])),
    hostPorts: hostPortsOf(NetworkSettings.Ports),
  };
}

// Of a container that does not run there is no list, or null.
function hostPortsOf(ports: Docker.ContainerInspectInfo["NetworkSettings"]["Ports"] | undefined): Map<number, number> {
  return new Map(
    Object.entries(ports ?? {}).flatMap(([key, bindings]) => {
      const [target, protocol] = key.split("/");
      const chosen = (bindings as ReadonlyArray<{ HostPort: string }> | null)?.[0]?.HostPort;
      return protocol === "tcp" && chosen !== undefined ? [[Number(target), Number(chosen)] as const] : [];
    }),
  );
}

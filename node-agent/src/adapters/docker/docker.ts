import type Docker from "dockerode";
import type { Engine, InspectedContainer, ListedContainer } from "../core/engine.ts";
import { engineError, statusOf } from "./docker-error.ts";
import { execOnce, healthCommand } from "./docker-exec.ts";
import { pullImage } from "./docker-pull.ts";
import { runOneOff } from "./docker-run.ts";
import { demultiplexer } from "./docker-stream.ts";

/** Milliseconds without a byte of an answer; a stop takes as long as its grace period. */
const SILENCE_MS = 60_000;
const STOP_MS = 300_000;
/** A pull over a slow line, a migration of a large database. */
const LONG_MS = 1_800_000;

/** The engine behind a socket, through dockerode, which is loaded at the first call. */
export function dockerEngine(socketPath: string): Engine {
  let loaded: Promise<Docker> | undefined;
  const open = () => (loaded ??= load(socketPath));
  const call: Call = async (what, ask, withinMs = SILENCE_MS) => {
    const docker = await open();
    try {
      return await answered(ask(docker), withinMs);
    } catch (error) {
      throw engineError(what, error);
    }
  };
  return { ...looking(call), ...making(call), ...running(call) };
}

type Call = <T>(what: string, ask: (docker: Docker) => Promise<T>, withinMs?: number) => Promise<T>;

type Looking = "version" | "list" | "inspect" | "networks" | "volumes" | "imageId" | "logs";

const looking = (call: Call): Pick<Engine, Looking> => ({
  version: () =>
    call("ask the engine", async (docker) => {
      const { Version, ApiVersion } = await docker.version();
      return { version: Version, api: ApiVersion };
    }),
  list: () => call("list containers", async (docker) => (await docker.listContainers({ all: true })).map(listed)),
  inspect: (id) => call(`inspect ${id}`, (d) => absent(async () => inspected(await d.getContainer(id).inspect()))),
  networks: () => call("list networks", async (d) => (await d.listNetworks()).map(({ Name }) => Name)),
  volumes: () => call("list volumes", async (d) => ((await d.listVolumes()).Volumes ?? []).map(({ Name }) => Name)),
  imageId: (reference) =>
    call(`inspect ${reference}`, (d) => absent(async () => (await d.getImage(reference).inspect()).Id)),
  logs: (id, lines) => call(`read the logs of ${id}`, (d) => lastLines(d.getContainer(id), lines)),
});

type Making = "createNetwork" | "createVolume" | "pull" | "create" | "connect";

const making = (call: Call): Pick<Engine, Making> => ({
  createNetwork: (body) => call(`create network ${body.Name}`, async (d) => void (await d.createNetwork(body))),
  createVolume: (body) => call(`create volume ${body.Name}`, async (d) => void (await d.createVolume(body))),
  pull: (reference, options) => call(`pull image ${reference}`, (d) => pullImage(d, reference, options), LONG_MS),
  create: (name, body, platform) => call(`create container ${name}`, (d) => create(d, { name, body, platform })),
  connect: (network, id, endpoint) =>
    call(`connect container ${id} to ${network}`, (d) => connect(d.getNetwork(network), id, endpoint)),
});

function running(call: Call): Omit<Engine, Looking | Making> {
  const of = (verb: string, id: string, ask: (container: Docker.Container) => Promise<unknown>, withinMs?: number) =>
    call(`${verb} container ${id}`, async (docker) => void (await ask(docker.getContainer(id))), withinMs);
  return {
    start: (id) => of("start", id, (container) => already(container.start())),
    stop: (id) => of("stop", id, (container) => absent(() => already(container.stop())), STOP_MS),
    restart: (id) => of("restart", id, (container) => already(container.restart()), STOP_MS),
    rename: (id, name) => of("rename", id, (container) => container.rename({ name })),
    remove: (id, { keepVolumes }) =>
      of("remove", id, (container) => absent(() => container.remove({ force: true, v: !keepVolumes }))),
    exec: (id, command, withinMs) => call(`ask ${id}`, (d) => execOnce(d.getContainer(id), command, withinMs)),
    run: (id, onStderr) => call(`run container ${id}`, (d) => runOneOff(d.getContainer(id), onStderr), LONG_MS),
  };
}

async function load(socketPath: string): Promise<Docker> {
  const { default: Client } = await import("dockerode");
  return new Client({ socketPath });
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
    networks: Object.keys(NetworkSettings.Networks),
    volumes: Mounts.flatMap(({ Type, Name, Destination }) =>
      Type === "volume" && Name !== undefined ? [{ name: Name, path: Destination }] : [],
    ),
  };
}

async function lastLines(container: Docker.Container, lines: number): Promise<string> {
  const { Config } = await container.inspect();
  const bytes = await container.logs({ stdout: true, stderr: true, tail: lines, follow: false });
  if (Config.Tty) return bytes.toString("utf8");
  const parts: Buffer[] = [];
  demultiplexer((_stream, part) => parts.push(part))(bytes);
  return Buffer.concat(parts).toString("utf8");
}

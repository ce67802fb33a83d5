import { rmSync } from "node:fs";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";

/** A Docker engine on a real socket that keeps containers in memory: fast enough for hundreds of stacks. */
export interface FakeEngine {
  readonly socket: string;
  /** Every call that changed something, as `create container gl-web-1`. */
  readonly calls: string[];
  readonly containers: Map<string, FakeContainer>;
  /** With their labels. */
  readonly networks: Places;
  readonly volumes: Places;
  readonly images: Map<string, string>;
  /** Called around each changing call; what it throws breaks the connection, as a daemon that dies does. */
  onCall: (call: string, moment: "before" | "after") => void;
  close(): Promise<void>;
}

type Places = Map<string, Record<string, string>>;

export interface FakeContainer {
  id: string;
  name: string;
  state: "created" | "running" | "exited";
  exitCode: number;
  body: Body;
  networks: Set<string>;
  health: string | undefined;
}

interface Body {
  Image: string;
  Cmd?: string[];
  Labels: Record<string, string>;
  Healthcheck?: { Test?: string[] };
  HostConfig: { RestartPolicy?: { Name: string }; PortBindings?: Record<string, Array<{ HostPort: string }>> };
  NetworkingConfig: { EndpointsConfig: Record<string, unknown> };
}

let count = 0;

export async function startFakeEngine(): Promise<FakeEngine> {
  const socket = join(tmpdir(), `gl-fake-engine-${process.pid}-${(count += 1)}.sock`);
  rmSync(socket, { force: true });
  const server = createServer();
  const engine: FakeEngine = {
    socket,
    calls: [],
    containers: new Map(),
    networks: new Map(["bridge", "host", "none"].map((name) => [name, {}])),
    volumes: new Map(),
    images: new Map(),
    onCall: () => undefined,
    close: () => closed(server),
  };
  server.on("request", (request, response) => void answer(engine, request, response));
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return engine;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => void server.close(() => resolve()));
}

async function answer(engine: FakeEngine, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  const text = Buffer.concat(chunks).toString();
  const url = new URL(request.url ?? "/", "http://engine");
  const asked = { method: request.method ?? "GET", path: decodeURIComponent(url.pathname), query: url.searchParams };
  try {
    const { status, body } = reply(engine, asked, (text === "" ? {} : JSON.parse(text)) as never);
    response.writeHead(status, { "content-type": "application/json" });
    response.end(body === undefined ? "" : JSON.stringify(body));
  } catch {
    // The daemon is gone in the middle of the call.
    response.destroy();
  }
}

interface Asked {
  method: string;
  path: string;
  query: URLSearchParams;
}

interface Reply {
  status: number;
  body?: unknown;
}

const missing = (what: string): Reply => ({ status: 404, body: { message: `No such ${what}` } });

function reply(engine: FakeEngine, asked: Asked, body: never): Reply {
  const { method, path } = asked;
  if (method === "GET") return look(engine, path);
  // What is looked for in a container is there.
  if (method === "HEAD") return { status: 200 };
  const { name, target, effect } = change(engine, asked, body);
  if (typeof effect !== "function") return effect;
  const call = `${name} ${target}`;
  engine.onCall(call, "before");
  engine.calls.push(call);
  const answer = effect();
  engine.onCall(call, "after");
  return answer;
}

function look(engine: FakeEngine, path: string): Reply {
  const containers = [...engine.containers.values()];
  if (path === "/version") return { status: 200, body: { Version: "20.10.24", ApiVersion: "1.41" } };
  if (path === "/networks") return { status: 200, body: places(engine.networks) };
  if (path === "/volumes") return { status: 200, body: { Volumes: places(engine.volumes) } };
  if (path === "/containers/json") return { status: 200, body: containers.map(listed) };
  const image = /^\/images\/(.+)\/json$/.exec(path)?.[1];
  if (image !== undefined) {
    const Id = engine.images.get(image);
    return Id === undefined ? missing("image") : { status: 200, body: { Id } };
  }
  const [, id = "", kind] = /^\/containers\/([^/]+)\/(json|logs)$/.exec(path) ?? [];
  const container = find(engine, id);
  if (!container) return missing("container");
  return { status: 200, body: kind === "json" ? inspected(container) : undefined };
}

const places = (made: Places) => [...made].map(([Name, Labels]) => ({ Name, Id: Name, Labels }));

const find = (engine: FakeEngine, id: string): FakeContainer | undefined =>
  [...engine.containers.values()].find((container) => container.id === id || container.name === id);

const listed = ({ id, name, body, state }: FakeContainer) => ({
  Id: id,
  Names: [`/${name}`],
  Labels: body.Labels,
  State: state,
  Ports:
    state === "running"
      ? Object.entries(body.HostConfig.PortBindings ?? {}).flatMap(([port, bindings]) =>
          bindings.map(({ HostPort }) => ({ PublicPort: Number(HostPort), Type: port.split("/")[1] })),
        )
      : [],
});

const inspected = ({ id, state, exitCode, body, networks, health }: FakeContainer) => ({
  Id: id,
  State: {
    Status: state,
    StartedAt: "2026-01-01T00:00:00Z",
    ExitCode: exitCode,
    Error: "",
    ...(health === undefined ? {} : { Health: { Status: health, Log: [] } }),
  },
  RestartCount: 0,
  Config: { Tty: false },
  HostConfig: { RestartPolicy: body.HostConfig.RestartPolicy ?? { Name: "" } },
  NetworkSettings: { Networks: Object.fromEntries([...networks].map((network) => [network, {}])) },
  Mounts: [],
});

interface Change {
  name: string;
  target: string;
  effect: (() => Reply) | Reply;
}

function change(engine: FakeEngine, { method, path, query }: Asked, body: never): Change {
  if (path === "/networks/create") return created(engine.networks, "create network", body);
  if (path === "/volumes/create") return created(engine.volumes, "create volume", body);
  if (path === "/images/create") return pulled(engine, query);
  if (path === "/containers/create") return newContainer(engine, query.get("name") ?? "", body);
  const network = /^\/networks\/([^/]+)\/connect$/.exec(path)?.[1];
  if (network !== undefined) return connected(engine, network, body);
  return containerChange(engine, { method, path, query });
}

function containerChange(engine: FakeEngine, { method, path, query }: Asked): Change {
  const [, id = "", verb = "remove"] = /^\/containers\/([^/]+)(?:\/(\w+))?$/.exec(path) ?? [];
  const container = find(engine, id);
  const name = `${verb} container`;
  if (!container) return { name, target: id, effect: missing("container") };
  if (verb === "rename") {
    const to = query.get("name") ?? "";
    const effect = () => {
      container.name = to;
      return { status: 204 };
    };
    return { name, target: `${container.name} to ${to}`, effect: isTaken(engine, to) ?? effect };
  }
  return { name, target: container.name, effect: () => run(engine, container, method === "DELETE" ? "remove" : verb) };
}

function created(names: Places, name: string, { Name, Labels }: Pick<Body, "Labels"> & { Name: string }): Change {
  const effect = () => (names.set(Name, Labels), { status: 201, body: { Id: Name, Name } });
  return {
    name,
    target: Name,
    effect: names.has(Name) && name === "create network" ? { status: 409, body: { message: "exists" } } : effect,
  };
}

function pulled(engine: FakeEngine, query: URLSearchParams): Change {
  const [repository, tag] = [query.get("fromImage") ?? "", query.get("tag") ?? ""];
  const reference = tag.startsWith("sha256:") ? `${repository}@${tag}` : `${repository}:${tag}`;
  const effect = () => (
    engine.images.set(reference, `sha256:id-of-${reference}`), { status: 200, body: { status: "done" } }
  );
  return { name: "pull image", target: reference, effect };
}

const isTaken = (engine: FakeEngine, name: string): Reply | undefined =>
  find(engine, name) ? { status: 409, body: { message: `name ${name} is in use` } } : undefined;

function newContainer(engine: FakeEngine, name: string, body: Body): Change {
  const id = `${(count += 1).toString(16).padStart(12, "0")}${"0".repeat(52)}`;
  const networks = new Set(Object.keys(body.NetworkingConfig.EndpointsConfig));
  const unknown = [...networks].find((network) => !engine.networks.has(network));
  const effect = () => {
    engine.containers.set(id, { id, name, state: "created", exitCode: 0, body, networks, health: undefined });
    return { status: 201, body: { Id: id } };
  };
  const refusal = isTaken(engine, name) ?? (unknown === undefined ? undefined : missing(`network ${unknown}`));
  return { name: "create container", target: name, effect: refusal ?? effect };
}

function connected(engine: FakeEngine, network: string, { Container }: { Container: string }): Change {
  const container = find(engine, Container);
  const effect = () => (container?.networks.add(network), { status: 200 });
  return { name: "connect container", target: `${container?.name} to ${network}`, effect };
}

/** A container whose command is `job` ends well at once; every other one is healthy at once. */
function run(engine: FakeEngine, container: FakeContainer, verb: string): Reply {
  if (verb === "remove") engine.containers.delete(container.id);
  if (verb === "stop") Object.assign(container, { state: "exited", exitCode: 143 });
  if (verb === "start" || verb === "restart") {
    const isJob = container.body.Cmd?.[0] === "job";
    const isChecked = container.body.Healthcheck?.Test !== undefined;
    Object.assign(container, {
      state: isJob ? "exited" : "running",
      exitCode: 0,
      health: isChecked ? "healthy" : undefined,
    });
  }
  return { status: 204 };
}

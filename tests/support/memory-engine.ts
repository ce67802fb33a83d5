import { EngineGone } from "../../node-agent/src/base/errors.ts";
import type { Engine, InspectedContainer, ListedPlace } from "../../node-agent/src/core/stack/engine.ts";

interface Body {
  readonly Image?: string;
  readonly Cmd?: readonly string[];
  readonly Env?: readonly string[];
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Healthcheck?: { readonly Test?: readonly string[] };
  readonly NetworkingConfig?: { readonly EndpointsConfig?: Readonly<Record<string, object>> };
  readonly HostConfig?: {
    readonly PortBindings?: Readonly<Record<string, ReadonlyArray<{ readonly HostPort: string }>>>;
  };
}

interface Held {
  readonly id: string;
  name: string;
  readonly body: Body;
  state: string;
  restarts: number;
  readonly networks: string[];
}

export interface MemoryEngine extends Engine {
  /** Every call that changed something, in order. */
  readonly calls: string[];
  readonly containers: Map<string, Held>;
  readonly images: Map<string, string>;
  /** How a service's container stands when it is looked at; `healthy` where nothing is said. */
  readonly stands: Map<string, Partial<InspectedContainer>>;
  /** What a job prints and ends with. */
  job: { exitCode: number; stdout: string; stderr: readonly string[] };
  /** The next so many calls that change something find no engine. */
  gone: number;
  /** Calls that the engine refuses, as in `start greenleaf-caddy-1`. */
  readonly refuses: Map<string, Error>;
}

const SERVICE = "com.docker.compose.service";

/** A Docker engine in memory: containers, networks, volumes and images, and what was asked of it. */
export function memoryEngine(images: Readonly<Record<string, string>>): MemoryEngine {
  const networks = new Map<string, ListedPlace["labels"]>();
  const volumes = new Map<string, ListedPlace["labels"]>();
  const places = (made: ReadonlyMap<string, ListedPlace["labels"]>) =>
    [...made].map(([name, labels]) => ({ name, labels }));
  let made = 0;
  const did = (call: string): void => {
    if (engine.gone > 0) {
      engine.gone -= 1;
      throw new EngineGone("the engine is gone", {
        code: "program.failed",
        why: "the engine is being restarted",
        fix: "wait",
      });
    }
    const refusal = engine.refuses.get(call);
    if (refusal !== undefined) throw refusal;
    engine.calls.push(call);
  };
  const held = (reference: string): Held => {
    const all = [...engine.containers.values()];
    const found = all.find(({ id, name }) => id === reference || name === reference);
    if (found === undefined) throw new Error(`no container ${reference}`);
    return found;
  };
  const change = (verb: string, reference: string, act: (container: Held) => void) => {
    const container = held(reference);
    did(`${verb} ${container.name}`);
    act(container);
  };
  const engine: MemoryEngine = {
    calls: [],
    containers: new Map(),
    images: new Map(Object.entries(images)),
    stands: new Map(),
    job: { exitCode: 0, stdout: '{"migrated":true,"publishable_key":"pk_1"}\n', stderr: [] },
    gone: 0,
    refuses: new Map(),
    version: async () => ({ version: "26.1", api: "1.45" }),
    list: async () => [...engine.containers.values()].map(listed),
    inspect: async (reference) => {
      const found = [...engine.containers.values()].find(({ id, name }) => id === reference || name === reference);
      return found && inspected(found, engine.stands.get(found.body.Labels?.[SERVICE] ?? ""));
    },
    networks: async () => places(networks),
    volumes: async () => places(volumes),
    image: async (reference) => {
      const id = engine.images.get(reference);
      return id === undefined ? undefined : { id, hasCheck: true, entrypoint: [], path: "/bin" };
    },
    canRun: async (_container, path) => !path.includes("missing"),
    removeImage: async (reference) => {
      did(`remove image ${reference}`);
      engine.images.delete(reference);
    },
    createNetwork: async ({ Name, Labels }) => {
      did(`network ${Name}`);
      networks.set(Name, Labels);
    },
    createVolume: async ({ Name, Labels }) => {
      did(`volume ${Name}`);
      volumes.set(Name, Labels);
    },
    pull: async (reference) => {
      did(`pull ${reference}`);
      engine.images.set(reference, `sha256:${"f".repeat(64)}`);
    },
    create: async (name, body) => {
      did(`create ${name}`);
      const id = `id-${(made += 1)}`;
      const own = Object.keys((body as Body).NetworkingConfig?.EndpointsConfig ?? {});
      engine.containers.set(id, { id, name, body: body as Body, state: "created", restarts: 0, networks: own });
      return id;
    },
    connect: async (network, reference) => change(`connect ${network}`, reference, (one) => one.networks.push(network)),
    start: async (reference) => change("start", reference, (one) => void (one.state = "running")),
    stop: async (reference) => change("stop", reference, (one) => void (one.state = "exited")),
    restart: async (reference) => change("restart", reference, (one) => void (one.state = "running")),
    update: async (reference, limits) =>
      change("update", reference, (one) => {
        engine.stands.set(one.body.Labels?.[SERVICE] ?? "", { limits });
      }),
    rename: async (reference, to) => change(`rename to ${to}`, reference, (one) => void (one.name = to)),
    remove: async (reference, { keepVolumes }) => {
      // What is gone is as it was asked for.
      if (![...engine.containers.values()].some(({ id, name }) => id === reference || name === reference)) return;
      change(keepVolumes ? "remove" : "remove with volumes", reference, ({ id }) => engine.containers.delete(id));
    },
    logs: async (reference) => `log of ${held(reference).name}\n`,
    exec: async () => 1,
    connectionsInto: async () => 0,
    run: async (reference, onStderr) => {
      change("run", reference, (one) => void (one.state = "exited"));
      engine.job.stderr.forEach(onStderr);
      return engine.job;
    },
  };
  return engine;
}

const listed = ({ id, name, body }: Held) => ({
  id,
  name,
  labels: body.Labels ?? {},
  published: Object.entries(body.HostConfig?.PortBindings ?? {}).flatMap(([key, bindings]) =>
    bindings.map(({ HostPort }) => `${HostPort}/${key.split("/")[1]}`),
  ),
});

function inspected({ id, state, body, restarts, networks }: Held, over: Partial<InspectedContainer> = {}) {
  const test = body.Healthcheck?.Test;
  return {
    id,
    state,
    upMs: 60_000,
    exitCode: 0,
    error: "",
    health: test === undefined || test[0] === "NONE" ? undefined : "healthy",
    lastCheck: undefined,
    healthTest: test,
    restarts,
    restartPolicy: "unless-stopped",
    networks,
    volumes: [],
    ...(state === "running" ? over : {}),
  };
}

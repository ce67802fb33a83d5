import type {
  Engine,
  InspectedContainer,
  Limits,
  ListedPlace,
  NetworkBody,
  VolumeBody,
} from "../../../node-agent/src/core/stack/engine.ts";

interface Kept {
  name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: Set<string>;
  readonly healthTest: readonly string[] | undefined;
  state: "created" | "running" | "exited";
  looks: number;
}

interface Body {
  readonly Labels?: Readonly<Record<string, string>>;
  readonly Healthcheck?: { readonly Test?: readonly string[] };
}

/** A Docker engine in memory: a started container is healthy at the third look, if it ever is. */
export class MemoryEngine implements Engine {
  readonly #kept = new Map<string, Kept>();
  readonly #images = new Set<string>();
  readonly #networks = new Map<string, ListedPlace>();
  readonly #volumes = new Map<string, ListedPlace>();
  /** Part of the names of containers that never become healthy. */
  sick: string | undefined;
  /** Limits that somebody gave every container. */
  edited: Limits | undefined;
  #count = 0;

  version = async () => ({ version: "29.0.0", api: "1.52" });
  networks = async () => [...this.#networks.values()];
  volumes = async () => [...this.#volumes.values()];
  image = async (reference: string) =>
    this.#images.has(reference)
      ? { id: `sha256:${"c".repeat(64)}`, hasCheck: true, entrypoint: [], path: "/bin" }
      : undefined;
  canRun = async () => true;
  createNetwork = async ({ Name: name, Labels: labels }: NetworkBody) =>
    void this.#networks.set(name, { name, labels });
  createVolume = async ({ Name: name, Labels: labels }: VolumeBody) => void this.#volumes.set(name, { name, labels });
  pull = async (reference: string) => void this.#images.add(reference);
  removeImage = async (reference: string) => void this.#images.delete(reference);
  connect = async (network: string, id: string) => void this.#of(id).networks.add(network);
  start = async (id: string) => void (this.#of(id).state = "running");
  stop = async (id: string) => void (this.#of(id).state = "exited");
  restart = async (id: string) => void Object.assign(this.#of(id), { state: "running", looks: 0 });
  update = async () => void (this.edited = undefined);
  rename = async (id: string, name: string) => void (this.#of(id).name = name);
  remove = async (id: string) => void this.#kept.delete(this.#idOf(id));
  logs = async () => "it says why\n";
  exec = async (id: string) => (this.#isSick(this.#of(id)) ? 1 : 0);
  connectionsInto = async () => 0;

  list = async () => [...this.#kept].map(([id, { name, labels }]) => ({ id, name, labels, published: [] as string[] }));

  create = async (name: string, body: object) => {
    const { Labels = {}, Healthcheck } = body as Body;
    const id = String((this.#count += 1)).padStart(64, "0");
    const healthTest = Healthcheck?.Test?.slice(1);
    this.#kept.set(id, { name, labels: Labels, networks: new Set(), healthTest, state: "created", looks: 0 });
    return id;
  };

  inspect = async (id: string): Promise<InspectedContainer | undefined> => {
    const kept = this.#kept.get(this.#idOf(id));
    if (kept === undefined) return undefined;
    kept.looks += 1;
    const isHealthy = kept.looks > 2 && !this.#isSick(kept);
    return {
      id: this.#idOf(id),
      state: kept.state,
      upMs: 60_000,
      exitCode: 0,
      error: "",
      health: isHealthy ? "healthy" : "starting",
      lastCheck: undefined,
      healthTest: kept.healthTest,
      restarts: 0,
      restartPolicy: "always",
      ...(this.edited === undefined ? {} : { limits: this.edited }),
      networks: [...kept.networks],
      volumes: [],
    };
  };

  run = async (_id: string, onStderr: (line: string) => void) => {
    onStderr("migrating");
    return { exitCode: 0, stdout: '{"migrated":true,"publishable_key":"pk_1"}\n' };
  };

  #isSick = ({ name }: Kept): boolean => this.sick !== undefined && name.includes(this.sick);

  #idOf(idOrName: string): string {
    if (this.#kept.has(idOrName)) return idOrName;
    return [...this.#kept].find(([, { name }]) => name === idOrName)?.[0] ?? idOrName;
  }

  #of(idOrName: string): Kept {
    const kept = this.#kept.get(this.#idOf(idOrName));
    if (kept === undefined) throw new Error(`no container ${idOrName}`);
    return kept;
  }
}

import type { Secret } from "../../base/secret.ts";
import type { Endpoint } from "./compose/container-body.ts";

/** A container as the engine lists it. */
export interface ListedContainer {
  readonly id: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Ports of the machine it publishes, as `8080/tcp`. */
  readonly published: readonly string[];
}

/** What `docker update` can change of a container; 0 for no limit. */
export interface Limits {
  readonly memory: number;
  /** Memory and swap together, in bytes; -1 without end. */
  readonly swap: number;
  readonly nanoCpus: number;
  readonly pids: number;
  /** As in `always` or `on-failure:3`. */
  readonly restart: string;
}

/** What the engine says of one container. */
export interface InspectedContainer {
  readonly id: string;
  readonly state: string;
  /** Milliseconds since it was last started. */
  readonly upMs: number;
  readonly exitCode: number;
  /** The engine's own words when it could not start the process. */
  readonly error: string;
  readonly health: string | undefined;
  /** Output of the last health check. */
  readonly lastCheck: string | undefined;
  /** The command that tells its health, when it has one. */
  readonly healthTest: readonly string[] | undefined;
  readonly restarts: number;
  readonly restartPolicy: string;
  readonly limits?: Limits;
  /** That the kernel ended it because its memory ran out. */
  readonly oomKilled?: boolean;
  readonly networks: readonly string[];
  readonly volumes: ReadonlyArray<{ readonly name: string; readonly path: string }>;
  /** What it was made from, in the engine's words. */
  readonly made?: MadeFrom;
  /** IPv4 addresses in its networks, while it runs. */
  readonly addresses?: readonly string[];
  /** Ports of the machine by its own TCP ports, while it runs. */
  readonly hostPorts?: ReadonlyMap<number, number>;
}

/** Values of the environment among it: compared, never shown. */
export interface MadeFrom {
  readonly config: Readonly<Record<string, unknown>>;
  readonly host: Readonly<Record<string, unknown>>;
}

export interface OneOffResult {
  readonly exitCode: number;
  readonly stdout: string;
}

/** A network or volume as the engine lists it. */
export interface ListedPlace {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
}

/** An image that is present. */
export interface PresentImage {
  readonly id: string;
  /** That it brings a health check of its own. */
  readonly hasCheck: boolean;
  readonly entrypoint: readonly string[];
  /** Where it looks for a program without a slash in its name, as PATH has it. */
  readonly path: string;
}

/** The Docker engine; every method is one call of its API, and throws EngineGone where it does not answer. */
export interface Engine {
  version(): Promise<{ readonly version: string; readonly api: string }>;
  list(): Promise<readonly ListedContainer[]>;
  /** Undefined when it is gone. */
  inspect(container: string): Promise<InspectedContainer | undefined>;
  networks(): Promise<readonly ListedPlace[]>;
  volumes(): Promise<readonly ListedPlace[]>;
  /** Undefined when it is not on this machine. */
  image(reference: string): Promise<PresentImage | undefined>;
  /** Takes a reference away, and the image with its last one; refused while a container uses it. */
  removeImage(reference: string): Promise<void>;
  createNetwork(body: NetworkBody): Promise<void>;
  createVolume(body: VolumeBody): Promise<void>;
  /** Pulls to the end; `progress` gets a line now and then. */
  pull(reference: string, options: PullOptions): Promise<void>;
  /** Gives the id. */
  create(name: string, body: object, platform?: string): Promise<string>;
  /** Whether there is a program (or a link, to wherever) at a path of a container, whether it runs or not. */
  canRun(container: string, path: string): Promise<boolean>;
  connect(network: string, container: string, endpoint: Endpoint): Promise<void>;
  start(container: string): Promise<void>;
  /** Within the container's own grace period. */
  stop(container: string): Promise<void>;
  restart(container: string): Promise<void>;
  /** Gives a container other limits while it runs. */
  update(container: string, limits: Limits): Promise<void>;
  rename(container: string, name: string): Promise<void>;
  /** A running one is killed; anonymous volumes stay when `keepVolumes`. */
  remove(container: string, options: { keepVolumes: boolean }): Promise<void>;
  /** The last lines of both streams, oldest first. */
  logs(container: string, lines: number): Promise<string>;
  /** Runs a command inside a container; its exit code, or undefined when it could not be run or took too long. */
  exec(container: string, command: readonly string[], withinMs: number): Promise<number | undefined>;
  /** Connections that others hold to what listens in a container, at these ports alone; undefined when they cannot be seen. */
  connectionsInto(container: string, ports?: readonly number[]): Promise<number | undefined>;
  /** Starts a created container and follows it to its end. */
  run(container: string, onStderr: (line: string) => void): Promise<OneOffResult>;
}

export interface PullOptions {
  readonly platform?: string;
  readonly progress: (message: string) => void;
  /** Shown to the registry; kept nowhere. */
  readonly auth?: { readonly username: string; readonly password: Secret };
}

export interface NetworkBody {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

export interface VolumeBody {
  readonly Name: string;
  readonly Labels: Readonly<Record<string, string>>;
  readonly [field: string]: unknown;
}

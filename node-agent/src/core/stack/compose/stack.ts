/** What a Compose file of our subset says, in Docker's own units. Pure data; nothing is looked up on the machine yet. */
export interface Stack {
  readonly project: string;
  /** Absolute path of the file and of the folder relative paths start from. */
  readonly file: string;
  readonly folder: string;
  /** Sorted by name; services of profiles that are not active are left out. */
  readonly services: readonly Service[];
  readonly networks: readonly StackNetwork[];
  readonly volumes: readonly StackVolume[];
}

export type Condition = "service_started" | "service_healthy" | "service_completed_successfully";

export interface Dependency {
  readonly service: string;
  readonly condition: Condition;
  /** The dependent is restarted when this service was replaced. */
  readonly restart: boolean;
  readonly required: boolean;
}

export interface EnvFile {
  readonly path: string;
  readonly required: boolean;
  /** `raw` takes every value as it stands. */
  readonly format: "compose" | "raw";
}

export interface ServiceNetwork {
  /** Key in the file, resolved to the network's name by `StackNetwork`. */
  readonly key: string;
  readonly aliases: readonly string[];
  readonly ipv4?: string;
  readonly ipv6?: string;
  readonly priority: number;
}

export interface Port {
  /** Port inside the container. */
  readonly target: number;
  readonly protocol: string;
  /** Port on the machine, empty for one the engine chooses. */
  readonly published: string;
  readonly hostIp: string;
}

export interface Mount {
  readonly type: "bind" | "volume" | "tmpfs";
  /** Key of a named volume, absolute path of a bind, empty for a tmpfs or an anonymous volume. */
  readonly source: string;
  readonly target: string;
  readonly readOnly: boolean;
  readonly bind?: { readonly createHostPath: boolean; readonly propagation?: string; readonly selinux?: string };
  readonly noCopy?: boolean;
  readonly tmpfs?: { readonly SizeBytes?: number; readonly Mode?: number };
}

export interface Healthcheck {
  readonly Test?: readonly string[];
  readonly Interval?: number;
  readonly Timeout?: number;
  readonly StartPeriod?: number;
  readonly StartInterval?: number;
  readonly Retries?: number;
}

/** How a changed service is replaced. */
export interface Update {
  readonly order: "start-first" | "stop-first";
  /** How long the new container is watched under traffic before the old one goes; start-first only. */
  readonly monitorMs: number;
}

export interface Service {
  readonly name: string;
  readonly image: string;
  readonly platform?: string;
  readonly pullPolicy: "missing" | "never" | "always";
  readonly dependsOn: readonly Dependency[];
  readonly envFiles: readonly EnvFile[];
  /** Null takes the value of the variable of that name. */
  readonly environment: ReadonlyMap<string, string | null>;
  readonly labels: Readonly<Record<string, string>>;
  readonly networks: readonly ServiceNetwork[];
  readonly ports: readonly Port[];
  readonly expose: readonly string[];
  readonly mounts: readonly Mount[];
  readonly healthcheck?: Healthcheck;
  /** Seconds between the stop signal and the kill; the engine's own 10 when undefined. */
  readonly stopSeconds?: number;
  readonly update: Update;
  /** Fields that go into Docker's create body as they are. */
  readonly config: Readonly<Record<string, unknown>>;
  readonly host: Readonly<Record<string, unknown>>;
}

export interface StackNetwork {
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  readonly driver: string;
  readonly internal: boolean;
  readonly attachable: boolean;
  readonly ipv6: boolean;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
  readonly ipam: { readonly Driver?: string; readonly Config: ReadonlyArray<Readonly<Record<string, string>>> };
}

export interface StackVolume {
  readonly key: string;
  readonly name: string;
  readonly external: boolean;
  readonly driver: string;
  readonly options: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

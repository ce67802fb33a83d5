import type { Limits, MadeFrom } from "./engine.ts";
import type { Front } from "./front/front.ts";

/** The machine as one look at the Docker engine found it. Nothing is asked again while planning. */
export interface Observed {
  /** Version of the engine's API, as `1.41`. */
  readonly api: string;
  /** Networks and volumes by name. */
  readonly networks: ReadonlySet<string>;
  readonly volumes: ReadonlySet<string>;
  /** Those of them that another project, or nobody of ours, made. */
  readonly foreignNetworks: ReadonlySet<string>;
  readonly foreignVolumes: ReadonlySet<string>;
  /** Ids of the images that are present, by the reference the stack uses. */
  readonly images: ReadonlyMap<string, string>;
  /** References among them whose image has no health check. */
  readonly uncheckedImages: ReadonlySet<string>;
  /** Containers of this project, one-off ones left out. */
  readonly containers: readonly ObservedContainer[];
  /** Names of containers that are not of this project. */
  readonly foreignNames: ReadonlySet<string>;
  /** Whom Caddy asks for a service, where something is written of it: a container's name on the network, or the service's. */
  readonly routes: ReadonlyMap<string, string>;
  /** Where requests for services that publish ports go, by service; of those alone that are replaced start-first. */
  readonly fronts?: ReadonlyMap<string, Front>;
  /** Who holds ports the stack wants and does not hold itself, as in `nginx (process 812)`. */
  readonly takenPorts: readonly TakenPort[];
}

export type ContainerState = "created" | "running" | "paused" | "restarting" | "removing" | "exited" | "dead";
export type ContainerHealth = "none" | "starting" | "healthy" | "unhealthy";

export interface ObservedContainer {
  readonly id: string;
  readonly name: string;
  readonly service: string;
  readonly state: ContainerState;
  readonly health: ContainerHealth;
  readonly exitCode: number;
  readonly restarts: number;
  /** What the engine does when it ends, as in `always`. */
  readonly restartPolicy?: string;
  readonly limits?: Limits;
  readonly oomKilled?: boolean;
  readonly hash: string;
  /** Names of the networks it is on. */
  readonly networks: readonly string[];
  /** Volumes nobody named, by the path they are mounted at; they move on to a container's successor. */
  readonly anonymousVolumes: ReadonlyMap<string, string>;
  /** What it was made from, where the engine says it. */
  readonly made?: MadeFrom;
  /** IPv4 addresses, while it runs. */
  readonly addresses?: readonly string[];
  /** It holds the requests of its service while the service's own container is replaced. */
  readonly isStandIn?: true;
}

export interface TakenPort {
  readonly port: string;
  readonly service: string;
  readonly holder: string;
}

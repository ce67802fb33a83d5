import { join } from "node:path";
import { UsageError } from "../../node-agent/src/errors.ts";

/** One local world: a node and what stands for AWS, on one machine. Several can live side by side. */
export interface LocalWorld {
  /** Docker project of the node's stack. */
  readonly project: string;
  /** Folder that stands for `/` of the node; nothing of the machine's own is touched. */
  readonly root: string;
  readonly network: string;
  readonly ports: {
    readonly http: number;
    readonly postgres: number;
    readonly aws: number;
    /** The agent's page, metrics and health on loopback. */
    readonly agent: number;
  };
}

const DEFAULT_PORT = 8080;
const DEFAULT_PROJECT = "greenleaf";

/** `--port` and `--project` make a second world beside the default one; its other ports follow its HTTP port. */
export function localWorld({
  port = String(DEFAULT_PORT),
  project = DEFAULT_PROJECT,
}: {
  port?: string;
  project?: string;
}): LocalWorld {
  const http = Number(port);
  if (!Number.isInteger(http) || http < 1 || http > 65_000) throw badPort(port);
  const isDefault = http === DEFAULT_PORT;
  return {
    project,
    root: `/var/lib/${project}-local`,
    network: `${project}-local`,
    ports: {
      http,
      postgres: isDefault ? 15_432 : http + 1,
      aws: isDefault ? 4566 : http + 2,
      agent: isDefault ? 9090 : http + 3,
    },
  };
}

export const isDefaultWorld = ({ project }: LocalWorld): boolean => project === DEFAULT_PROJECT;
export const shopUrl = ({ ports }: LocalWorld): string => `http://localhost:${ports.http}`;
export const awsUrl = ({ ports }: LocalWorld): string => `http://127.0.0.1:${ports.aws}`;
/** What `up` keeps for itself, beside the node's own folders. */
export const localFolder = ({ root }: LocalWorld, ...names: string[]): string => join(root, "local", ...names);
export const nodeFolder = ({ root }: LocalWorld, ...names: string[]): string => join(root, ...names);

function badPort(port: string): UsageError {
  return new UsageError(`--port ${port} is not a port`, {
    why: "it is a number from 1 to 65000",
    fix: "try --port 8080",
  });
}

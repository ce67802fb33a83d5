import { isIP } from "node:net";
import { join } from "node:path";
import { UsageError } from "../../node-agent/src/base/errors.ts";
import { PROJECT_NAME, PROJECT_NAME_RULE } from "../../node-agent/src/core/config/project-name.ts";

/** One local world: a node and what stands for AWS, on one machine. Several can live side by side. */
export interface LocalWorld {
  /** Docker project of the node's stack. */
  readonly project: string;
  /** Folder that stands for `/` of the node; nothing of the machine's own is touched. */
  readonly root: string;
  readonly network: string;
  /** Address of this machine the shop is published on. */
  readonly listen: string;
  readonly ports: {
    readonly http: number;
    readonly postgres: number;
    readonly aws: number;
    /** The agent's page, metrics and health on loopback. */
    readonly agent: number;
    /** The page of the mailbox, on loopback. */
    readonly mail: number;
  };
}

const DEFAULT_PORT = 8080;
const DEFAULT_PORTS = { http: DEFAULT_PORT, postgres: 15_432, aws: 4566, agent: 9090, mail: 8025 } as const;
const DEFAULT_PROJECT = "greenleaf";

/** `--port` and `--project` make a second world beside the default one; its other ports follow its HTTP port. */
export function localWorld({
  port = String(DEFAULT_PORT),
  project = DEFAULT_PROJECT,
  listen = "127.0.0.1",
}: {
  port?: string;
  project?: string;
  listen?: string;
}): LocalWorld {
  if (!PROJECT_NAME.test(project)) throw badProject(project);
  const http = /^\d{1,5}$/.test(port) ? Number(port) : 0;
  if (http < 1 || http > 65_000) throw badPort(port);
  if (isIP(listen) === 0) throw badAddress(listen);
  return {
    project,
    root: `/var/lib/${project}-local`,
    network: `${project}-local`,
    listen,
    ports: http === DEFAULT_PORT ? DEFAULT_PORTS : portsFrom(http),
  };
}

const portsFrom = (http: number): LocalWorld["ports"] => ({
  http,
  postgres: http + 1,
  aws: http + 2,
  agent: http + 3,
  mail: http + 4,
});

export const isDefaultWorld = ({ project }: LocalWorld): boolean => project === DEFAULT_PROJECT;
/** The options that name this world on a command line, with a blank before them; nothing for the default one. */
export const optionsFor = (world: LocalWorld): string => {
  const project = isDefaultWorld(world) ? "" : ` --project ${world.project}`;
  return world.ports.http === DEFAULT_PORT ? project : `${project} --port ${world.ports.http}`;
};
export const shopUrl = ({ ports }: LocalWorld): string => `http://localhost:${ports.http}`;
export const awsUrl = ({ ports }: LocalWorld): string => `http://127.0.0.1:${ports.aws}`;
/** Where every mail of the shop is read. */
export const mailboxUrl = ({ ports }: LocalWorld): string => `http://127.0.0.1:${ports.mail}/`;
/** What `up` keeps for itself, beside the node's own folders. */
export const localFolder = ({ root }: LocalWorld, ...names: string[]): string => join(root, "local", ...names);
export const nodeFolder = ({ root }: LocalWorld, ...names: string[]): string => join(root, ...names);

function badProject(project: string): UsageError {
  return new UsageError(`--project ${JSON.stringify(project)} is not the name of a project`, {
    code: "usage.project",
    why: `it is ${PROJECT_NAME_RULE}`,
    fix: project === "" ? "leave --project away for the default one, greenleaf" : "try --project shop2",
  });
}

function badAddress(address: string): UsageError {
  return new UsageError(`--listen ${JSON.stringify(address)} is not an address`, {
    code: "usage.address",
    why: "it is an IP address of this machine; a name could mean every one of them",
    fix: "try --listen 0.0.0.0 for all of them, or leave it away for this machine alone",
  });
}

function badPort(port: string): UsageError {
  return new UsageError(`--port ${JSON.stringify(port)} is not a port`, {
    code: "usage.port",
    why: "it is a number from 1 to 65000",
    fix: "try --port 8080",
  });
}

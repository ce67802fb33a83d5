import { type AgentFolders, agentFoldersBelow } from "./adapters/agent-folders.ts";
import { AUTO_SCALING_API, autoScaling } from "./adapters/autoscaling.ts";
import { type Aws, openAws } from "./adapters/aws.ts";
import { systemClock } from "./adapters/clock.ts";
import { type Conntrack, conntrack } from "./adapters/conntrack.ts";
import { type CredentialSource, credentialSource, type ReadMetadata } from "./adapters/credentials.ts";
import { type Daemons, daemons } from "./adapters/daemon.ts";
import { type Database, postgres } from "./adapters/database.ts";
import { sha256 } from "./adapters/digest.ts";
import { dockerEngine } from "./adapters/docker.ts";
import { EC2_API, type Ec2, ec2 } from "./adapters/ec2.ts";
import { ENGINE_SOCKET, type EngineSocket, engineSocket } from "./adapters/engine-socket.ts";
import { type Exec, exec } from "./adapters/exec.ts";
import { type Files, filesBelow } from "./adapters/files.ts";
import { type HttpAnswer, type HttpRequest, httpRequest } from "./adapters/http-request.ts";
import { type Imds, openImds } from "./adapters/imds.ts";
import { type Iptables, iptables } from "./adapters/iptables.ts";
import { leaseStore } from "./adapters/lease.ts";
import { type Links, links } from "./adapters/link.ts";
import { type Locked, takeLock } from "./adapters/lock.ts";
import { machinePorts, type Ports } from "./adapters/ports.ts";
import { type Probe, probe } from "./adapters/probe.ts";
import { rdsAuthorities } from "./adapters/rds-authorities.ts";
import { type ReleaseFiles, releaseFilesBelow } from "./adapters/release-files.ts";
import { isSignedBy } from "./adapters/release-signature.ts";
import { signedCall } from "./adapters/signed-call.ts";
import { signedQuery } from "./adapters/signed-query.ts";
import { type Sysctl, sysctl } from "./adapters/sysctl.ts";
import { unitFiles } from "./adapters/unit-files.ts";
import type { Engine } from "./core/engine.ts";
import type { AutoScaling } from "./core/lifecycle.ts";
import type { Release } from "./core/release.ts";
import { type Clock, until } from "./core/retry.ts";
import type { LeaseStore } from "./core/router-lease.ts";

/** Everything outside the process that the agent can touch. Adapters load their libraries on first use. */
export interface World {
  readonly clock: Clock;
  readonly exec: Exec;
  readonly files: Files;
  /** The machine's own files, whatever the node's root: what packages own. */
  readonly machine: Files;
  readonly daemons: Daemons;
  /** The systemd units that come with the agent, by file name. */
  readonly unitFiles: () => Promise<ReadonlyMap<string, string>>;
  /** One plain request, for services of this machine. */
  readonly request: (wanted: HttpRequest) => Promise<HttpAnswer>;
  /** The Docker engine, through dockerode. */
  readonly engine: Engine;
  readonly ports: Ports;
  readonly database: Database;
  readonly releaseFiles: ReleaseFiles;
  /** Signed archives of the agent, and where its versions lie. */
  readonly agentFolders: AgentFolders;
  /** Whether the owner of a public key (PEM) signed a release; throws when the key is none. */
  readonly isSignedBy: (release: Release, publicKeyPem: string) => boolean;
  /** A lock the kernel frees when its holder dies; not waited for. */
  readonly lock: (nodePath: string) => Promise<Locked>;
  /** SHA-256 in hex. */
  readonly digest: (content: string | Uint8Array) => string;
  /** The few engine calls of what stays resident; phases use dockerode. */
  readonly engineSocket: EngineSocket;
  /** Undefined for `none`; without an address the link-local ones. */
  imds(where: string | undefined): Imds | undefined;
  autoScaling(place: AwsPlace): AutoScaling;
  /** Parameters and secrets, through the SDK; objects and registry tokens. */
  aws(place: AwsPlace): Aws;
  /** Full jitter for retries, in [0, 1). */
  random(): number;
  /** The kernel's part in routing; of a router only. */
  readonly iptables: Iptables;
  readonly sysctl: Sysctl;
  readonly links: Links;
  readonly conntrack: Conntrack;
  readonly probe: Probe;
  /** Gives up after `budgetMs`, by default 30 s. */
  ec2(place: AwsPlace, budgetMs?: number): Ec2;
  leases(place: AwsPlace, where: string): LeaseStore;
}

export type { Aws, Imds };

/** Where a node's AWS is: its region and what the node document says of endpoints. */
export interface AwsPlace {
  readonly region: string;
  readonly endpoints?: { readonly aws?: string | undefined; readonly imds?: string | undefined } | undefined;
}

export interface WorldOptions {
  /** Folder that stands for `/` of the node. */
  root: string;
}

export function realWorld({ root }: WorldOptions): World {
  const clock = systemClock;
  const files = filesBelow(root);
  return {
    clock,
    exec,
    files,
    machine: filesBelow("/"),
    daemons,
    unitFiles,
    request: httpRequest,
    engine: dockerEngine(enginePath(process.env.DOCKER_HOST)),
    ports: machinePorts,
    database: postgres(rdsAuthorities),
    releaseFiles: releaseFilesBelow(root),
    agentFolders: agentFoldersBelow(root),
    isSignedBy,
    lock: (nodePath) => takeLock(files.path(nodePath)),
    digest: sha256,
    engineSocket: engineSocket(enginePath(process.env.DOCKER_HOST)),
    imds: imdsAt,
    autoScaling: (place) =>
      autoScaling(
        signedQuery({ ...AUTO_SCALING_API, ...addressOf(place) }, { clock, credentials: credentialsOf(clock, place) }),
      ),
    aws: (place) => openAws({ ...addressOf(place), credentials: credentialsOf(clock, place) }, clock),
    random: Math.random,
    iptables: iptables(exec),
    sysctl,
    links: links(exec),
    conntrack: conntrack(exec),
    probe,
    ec2: (place, budgetMs = 30_000) =>
      ec2(
        signedQuery({ ...EC2_API, ...addressOf(place) }, { clock, credentials: credentialsOf(clock, place), budgetMs }),
      ),
    leases: (place, where) =>
      leaseStore(where, signedCall(addressOf(place), { clock, credentials: credentialsOf(clock, place) })),
  };
}

// As the docker command takes it; an engine elsewhere than on this machine is not a node's.
function enginePath(host: string | undefined): string {
  return host?.startsWith("unix://") === true ? host.slice("unix://".length) : ENGINE_SOCKET;
}

function credentialsOf(clock: Clock, { endpoints }: AwsPlace): CredentialSource {
  const imds = imdsAt(endpoints?.imds);
  const metadata = imds && metadataReader(clock, imds);
  return credentialSource({ ...localKeys(endpoints), ...process.env }, { clock, metadata });
}

function imdsAt(where: string | undefined): Imds | undefined {
  if (where === "none") return undefined;
  return where === undefined ? openImds() : openImds([where]);
}

function metadataReader(clock: Clock, imds: Imds): ReadMetadata {
  const wait = {
    withinMs: 20_000,
    everyMs: 200,
    growth: 2,
    maxMs: 2_000,
    fix: "check that the metadata endpoint is enabled",
  };
  return (path) => until(clock, { ...wait, what: `IMDS to answer ${path}` }, () => imds.read(`meta-data/${path}`));
}

const addressOf = ({ region, endpoints }: AwsPlace) => ({
  region,
  ...(endpoints?.aws === undefined ? {} : { endpoint: endpoints.aws }),
});

// A local AWS takes any key, and no instance role stands behind it.
const localKeys = (endpoints: AwsPlace["endpoints"]): Record<string, string> =>
  endpoints?.imds === "none" && endpoints.aws !== undefined
    ? { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" }
    : {};

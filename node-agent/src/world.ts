import { AUTO_SCALING_API, autoScaling } from "./adapters/aws/autoscaling.ts";
import { type Aws, openAws } from "./adapters/aws/aws.ts";
import { type CredentialSource, credentialSource, type ReadMetadata } from "./adapters/aws/credentials.ts";
import { EC2_API, type Ec2, ec2 } from "./adapters/aws/ec2.ts";
import { type Imds, openImds } from "./adapters/aws/imds.ts";
import { leaseStore } from "./adapters/aws/lease.ts";
import { rdsAuthorities } from "./adapters/aws/rds-authorities.ts";
import { signedAttempts } from "./adapters/aws/signed/signed-attempt.ts";
import { signedCall } from "./adapters/aws/signed/signed-call.ts";
import { signedQuery } from "./adapters/aws/signed/signed-query.ts";
import { storedCredentials } from "./adapters/aws/stored-credentials.ts";
import { type CurrentVersions, currentVersions } from "./adapters/aws/versions.ts";
import { dockerEngine } from "./adapters/docker/docker.ts";
import { type EngineSocket, engineSocket } from "./adapters/docker/engine-socket.ts";
import { type Manifests, registryManifests } from "./adapters/docker/manifests.ts";
import { type Barriers, barriers } from "./adapters/kernel/barrier.ts";
import { type Conntrack, conntrack } from "./adapters/kernel/conntrack.ts";
import { type Iptables, iptables } from "./adapters/kernel/iptables.ts";
import { type LateFlows, lateFlows } from "./adapters/kernel/late-flows.ts";
import { type Links, links } from "./adapters/kernel/link.ts";
import { type NetworkEvents, networkEvents } from "./adapters/kernel/network-events.ts";
import { type Probe, probe } from "./adapters/kernel/probe.ts";
import { type Sysctl, sysctl } from "./adapters/kernel/sysctl.ts";
import { type AgentFolders, agentFoldersBelow } from "./adapters/machine/agent-folders.ts";
import { type ComposePlugin, composePlugin } from "./adapters/machine/compose-plugin.ts";
import { type Daemons, daemons } from "./adapters/machine/daemon.ts";
import { type Database, postgres } from "./adapters/machine/database.ts";
import { type Locked, takeLock } from "./adapters/machine/lock.ts";
import { machinePorts, type Ports } from "./adapters/machine/ports.ts";
import { type ReleaseFiles, releaseFilesBelow } from "./adapters/machine/release-files.ts";
import { isSignedBy, type TrustedKeys } from "./adapters/machine/release-signature.ts";
import { watchdogFeed } from "./adapters/machine/systemd-notify.ts";
import { unitFiles } from "./adapters/machine/unit-files.ts";
import { ENGINE_SOCKET } from "./base/child-environment.ts";
import { systemClock } from "./base/clock.ts";
import { sha256 } from "./base/digest.ts";
import { type Exec, exec } from "./base/exec.ts";
import { type Files, filesBelow } from "./base/files.ts";
import { newKey } from "./base/hmac.ts";
import { type HttpAnswer, type HttpRequest, httpRequest } from "./base/http-request.ts";
import { askSocket } from "./base/socket-answer.ts";
import { type Clock, until } from "./base/wait.ts";
import type { AutoScaling } from "./core/node/lifecycle.ts";
import type { LeaseStore } from "./core/router/failover/lease.ts";
import type { Engine } from "./core/stack/engine.ts";
import type { Release } from "./core/stack/release.ts";

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
  /** Feeds systemd's watchdog of this process's unit; undefined where none waits for that. */
  readonly notifySystemd: (() => Promise<void>) | undefined;
  /** One plain request, for services of this machine. */
  readonly request: (wanted: HttpRequest) => Promise<HttpAnswer>;
  /** One question to a daemon of this machine. */
  readonly askSocket: typeof askSocket;
  /** The Docker engine, through dockerode. */
  readonly engine: Engine;
  readonly manifests: Manifests;
  /** What reads Compose files. */
  readonly compose: ComposePlugin;
  readonly ports: Ports;
  readonly database: Database;
  readonly releaseFiles: ReleaseFiles;
  /** Signed archives of the agent, and where its versions lie. */
  readonly agentFolders: AgentFolders;
  /** Whether a trusted key signed a release; throws when a key is none. */
  readonly isSignedBy: (release: Release, trusted: TrustedKeys) => boolean;
  /** A lock the kernel frees when its holder dies; not waited for. */
  readonly lock: (nodePath: string) => Promise<Locked>;
  /** SHA-256 in hex. */
  readonly digest: (content: string | Uint8Array) => string;
  /** The few engine calls of the daemon; phases use dockerode. */
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
  readonly barriers: Barriers;
  readonly sysctl: Sysctl;
  readonly links: Links;
  readonly conntrack: Conntrack;
  readonly lateFlows: LateFlows;
  readonly networkEvents: NetworkEvents;
  readonly probe: Probe;
  /** Gives up after `budgetMs`, by default 30 s. */
  ec2(place: AwsPlace, budgetMs?: number): Ec2;
  /** Of parameters and secrets, for the daemon to see that they changed. */
  versions(place: AwsPlace): CurrentVersions;
  leases(place: AwsPlace, where: string): LeaseStore;
  /** 256 random bits in hex. */
  newKey(): string;
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

const kernel = {
  iptables: iptables(exec),
  barriers: barriers(exec),
  sysctl,
  links: links(exec),
  conntrack: conntrack(exec),
  lateFlows: lateFlows(exec),
  networkEvents,
  probe,
};

export function realWorld({ root }: WorldOptions): World {
  const clock = systemClock;
  const files = filesBelow(root);
  const credentials = (place: AwsPlace) => credentialsOf({ clock, files }, place);
  return {
    clock,
    exec,
    files,
    machine: filesBelow("/"),
    daemons,
    unitFiles,
    notifySystemd: watchdogFeed(exec, process.env),
    request: httpRequest,
    askSocket,
    engine: dockerEngine(ENGINE_SOCKET),
    manifests: registryManifests(httpRequest, sha256),
    compose: composePlugin(),
    ports: machinePorts,
    database: postgres(rdsAuthorities),
    releaseFiles: releaseFilesBelow(root),
    agentFolders: agentFoldersBelow(root),
    isSignedBy,
    lock: (nodePath) => takeLock(files.path(nodePath)),
    digest: sha256,
    engineSocket: engineSocket(),
    imds: imdsAt,
    autoScaling: (place) =>
      autoScaling(
        signedQuery({ ...AUTO_SCALING_API, ...addressOf(place) }, { clock, credentials: credentials(place) }),
      ),
    aws: (place) => openAws({ ...addressOf(place), credentials: credentials(place) }, clock),
    random: Math.random,
    ...kernel,
    ec2: (place, budgetMs = 30_000) =>
      ec2(signedQuery({ ...EC2_API, ...addressOf(place) }, { clock, credentials: credentials(place), budgetMs })),
    newKey,
    versions: (place) => {
      const access = { ...addressOf(place), credentials: credentials(place) };
      return currentVersions(signedAttempts(access, clock), place.region);
    },
    leases: (place, where) =>
      leaseStore(where, signedCall(addressOf(place), { clock, credentials: credentials(place) })),
  };
}

function credentialsOf({ clock, files }: { clock: Clock; files: Files }, { endpoints }: AwsPlace): CredentialSource {
  const imds = imdsAt(endpoints?.imds);
  const metadata = imds && metadataReader(clock, imds);
  if (!isLocal(endpoints)) return credentialSource(process.env, { clock, metadata });
  return storedCredentials(files, credentialSource({ ...LOCAL_KEYS, ...process.env }, { clock, metadata }));
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

// No instance role stands behind a local AWS.
const isLocal = (endpoints: AwsPlace["endpoints"]): boolean =>
  endpoints?.imds === "none" && endpoints.aws !== undefined;

/** What a local AWS takes that was given no keys of its own. */
const LOCAL_KEYS = { AWS_ACCESS_KEY_ID: "local", AWS_SECRET_ACCESS_KEY: "local" };

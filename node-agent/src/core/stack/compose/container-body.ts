import { canonicalJson } from "../canonical-json.ts";
import type { Environment } from "./env/environment.ts";
import { containerLabels } from "./labels.ts";
import type { Healthcheck, Mount, Port, Service, ServiceNetwork, Stack } from "./stack.ts";

/** One connection of a container to a network, in Docker's words. */
export interface Endpoint {
  readonly Aliases: readonly string[];
  readonly IPAMConfig?: { readonly IPv4Address?: string; readonly IPv6Address?: string };
}

/** Docker's create body (API 1.41): one network at create, the others are connected after it. */
export interface ContainerBody {
  readonly Image: string;
  readonly Env: readonly string[];
  readonly Labels: Readonly<Record<string, string>>;
  readonly HostConfig: Readonly<Record<string, unknown>>;
  readonly NetworkingConfig: { readonly EndpointsConfig: Readonly<Record<string, Endpoint>> };
  readonly [field: string]: unknown;
}

/** Everything the agent needs to make the one container of a service. */
export interface ContainerSpec {
  readonly service: string;
  readonly name: string;
  readonly platform?: string;
  readonly hash: string;
  readonly body: ContainerBody;
  /** Networks after the first, by name. */
  readonly connections: ReadonlyArray<readonly [network: string, endpoint: Endpoint]>;
}

/** What a service's container depends on beside the file. */
export interface Resolved {
  /** Undefined while the image is still to be pulled. */
  readonly imageId: string | undefined;
  readonly environment: Environment;
  /** SHA-256 in hex. */
  readonly digest: (text: string) => string;
}

/** Version of the hash: raised when the same container would get another hash. */
const HASH_VERSION = "v1";

export const containerName = (stack: Stack, service: string): string => `${stack.project}-${service}-1`;

/** Turns a service into its container; the hash covers all that went in, the values of the environment too. */
export function containerSpec(stack: Stack, service: Service, resolved: Resolved): ContainerSpec {
  const name = containerName(stack, service.name);
  const connect = (network: ServiceNetwork) => [networkName(stack, network), endpoint(network, name, service)] as const;
  const [first, ...connections] = service.networks.map(connect);
  const bare = {
    ...service.config,
    ...(service.healthcheck === undefined ? {} : { Healthcheck: service.healthcheck }),
    ...(service.stopSeconds === undefined ? {} : { StopTimeout: service.stopSeconds }),
    AttachStdout: true,
    AttachStderr: true,
    Image: service.image,
    Env: [...resolved.environment].map(([key, value]) => (value === null ? key : `${key}=${value}`)),
    ExposedPorts: exposedPorts(service),
    HostConfig: hostConfig(stack, service, first?.[0] ?? "none"),
    NetworkingConfig: { EndpointsConfig: first ? { [first[0]]: first[1] } : {} },
  };
  const hash = `${HASH_VERSION}:${resolved.digest(hashedText(service, { bare, connections, imageId: resolved.imageId }))}`;
  const imageId = resolved.imageId ?? service.image;
  return {
    service: service.name,
    name,
    ...(service.platform === undefined ? {} : { platform: service.platform }),
    hash,
    body: { ...bare, ...startCheck(service), Labels: containerLabels(stack, service, { hash, imageId }) },
    connections,
  };
}

/**
 * While a service has a start period it is asked this often whether it is healthy, where the file says nothing else; an
 * engine before 25 does not know the field and asks once an interval. No part of the hash: it changes nothing of a
 * healthy container.
 */
export const START_INTERVAL = 500_000_000;

function startCheck({ healthcheck }: Service): { readonly Healthcheck?: Healthcheck } {
  if (healthcheck?.StartPeriod === undefined) return {};
  return { Healthcheck: { StartInterval: START_INTERVAL, ...healthcheck } };
}

// A pinned reference names its image for good; a tag does not. Where the file lies and which agent read it is left
// out: neither changes the container.
function hashedText(
  { image, labels, dependsOn, platform }: Service,
  made: { bare: object; connections: unknown; imageId: string | undefined },
): string {
  const { imageId, ...parts } = made;
  const isPinned = image.startsWith("sha256:") || image.includes("@sha256:");
  return canonicalJson({ ...parts, image: isPinned ? image : imageId, labels, dependsOn, platform });
}

function networkName(stack: Stack, { key }: ServiceNetwork): string {
  return stack.networks.find((network) => network.key === key)?.name ?? key;
}

function endpoint({ aliases, ipv4, ipv6 }: ServiceNetwork, container: string, service: Service): Endpoint {
  const fixed = {
    ...(ipv4 === undefined ? {} : { IPv4Address: ipv4 }),
    ...(ipv6 === undefined ? {} : { IPv6Address: ipv6 }),
  };
  return {
    Aliases: [...new Set([container, service.name, ...aliases])],
    ...(Object.keys(fixed).length > 0 ? { IPAMConfig: fixed } : {}),
  };
}

function exposedPorts({ ports, expose }: Service): Record<string, object> {
  const exposed = expose.map((port) => (port.includes("/") ? port : `${port}/tcp`));
  return Object.fromEntries([...exposed, ...ports.map(portKey)].map((port) => [port, {}]));
}

const portKey = ({ target, protocol }: Port): string => `${target}/${protocol}`;

function hostConfig(stack: Stack, service: Service, network: string): Record<string, unknown> {
  const isBind = (mount: Mount) => mount.bind?.createHostPath === true;
  return {
    ...service.host,
    NetworkMode: network,
    PortBindings: portBindings(service.ports),
    Binds: service.mounts.filter(isBind).map(bindText),
    Mounts: service.mounts.filter((mount) => !isBind(mount)).map((mount) => mountBody(stack, mount)),
  };
}

function portBindings(ports: readonly Port[]): Record<string, Array<{ HostIp: string; HostPort: string }>> {
  const bindings: Record<string, Array<{ HostIp: string; HostPort: string }>> = {};
  for (const port of ports) {
    const list = (bindings[portKey(port)] ??= []);
    list.push({ HostIp: port.hostIp, HostPort: port.published });
  }
  return bindings;
}

function bindText({ source, target, readOnly, bind }: Mount): string {
  const options = [readOnly ? "ro" : "rw", bind?.selinux, bind?.propagation];
  return `${source}:${target}:${options.filter((option) => option !== undefined).join(",")}`;
}

function mountBody(stack: Stack, { type, source, target, readOnly, bind, noCopy, tmpfs }: Mount): object {
  const volume = type === "volume" ? stack.volumes.find(({ key }) => key === source) : undefined;
  return {
    Type: type,
    Source: volume?.name ?? source,
    Target: target,
    ReadOnly: readOnly,
    ...(bind?.propagation === undefined ? {} : { BindOptions: { Propagation: bind.propagation } }),
    ...(noCopy === true ? { VolumeOptions: { NoCopy: true } } : {}),
    ...(tmpfs === undefined ? {} : { TmpfsOptions: tmpfs }),
  };
}

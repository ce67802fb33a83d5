import type { Cursor } from "./cursor.ts";
import { absolutePath } from "./paths.ts";
import { readHealthcheck } from "./read-health.ts";
import { readLimits } from "./read-limits.ts";
import { readMounts, readTmpfsPaths } from "./read-mounts.ts";
import { readExpose, readPorts } from "./read-ports.ts";
import type { Condition, Dependency, EnvFile, Service, ServiceNetwork } from "./stack.ts";
import { splitWords } from "./words.ts";

const CONDITIONS = ["service_started", "service_healthy", "service_completed_successfully"];
const RESTARTS = /^(no|always|unless-stopped|on-failure(:\d+)?)$/;

/** One service of the file. Unreadable values are recorded as problems and left out. */
export function readService(name: string, service: Cursor, folder: string): Service {
  const platform = service.at("platform").text();
  const healthcheck = readHealthcheck(service.at("healthcheck"));
  const stop = service.at("stop_grace_period").nanoseconds();
  return {
    name,
    image: readImage(service.at("image")),
    ...(platform === undefined ? {} : { platform }),
    pullPolicy: readPullPolicy(service.at("pull_policy")),
    dependsOn: readDependencies(service.at("depends_on")),
    envFiles: readEnvFiles(service.at("env_file"), folder),
    environment: new Map(service.at("environment").pairs()),
    labels: texts(service.at("labels")),
    networks: readNetworks(service.at("networks")),
    ports: readPorts(service.at("ports")),
    expose: readExpose(service.at("expose")),
    mounts: readMounts(service.at("volumes"), folder),
    ...(healthcheck === undefined ? {} : { healthcheck }),
    ...(stop === undefined ? {} : { stopSeconds: Math.trunc(stop / 1e9) }),
    config: present(readConfig(service)),
    host: present({ ...readHost(service), ...readLimits(service) }),
  };
}

/** Mapping or list of `KEY=value` where a key without a value is an empty text. */
export function texts(pairs: Cursor): Record<string, string> {
  return Object.fromEntries(pairs.pairs().map(([key, value]) => [key, value ?? ""]));
}

function present(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

function readImage(image: Cursor): string {
  const text = image.text();
  if (text !== undefined && text !== "") return text;
  image.refuse("a service needs an image");
  return "";
}

function readPullPolicy(policy: Cursor): Service["pullPolicy"] {
  const text = policy.text() ?? "missing";
  if (text === "always" || text === "never") return text;
  if (text !== "missing" && text !== "if_not_present") policy.refuse(`"${text}" is not supported`);
  return "missing";
}

function readDependencies(dependsOn: Cursor): Dependency[] {
  if (Array.isArray(dependsOn.value)) {
    const started = (service: string) => ({
      service,
      condition: "service_started" as const,
      restart: false,
      required: true,
    });
    return dependsOn.texts().map(started);
  }
  return dependsOn.entries().map(([service, dependency]) => ({
    service,
    condition: readCondition(dependency.at("condition")),
    restart: dependency.at("restart").flag() ?? false,
    required: dependency.at("required").flag() ?? true,
  }));
}

function readCondition(condition: Cursor): Condition {
  const text = condition.text() ?? "";
  if (CONDITIONS.includes(text)) return text as Condition;
  condition.refuse(`"${text}" is not one of ${CONDITIONS.join(", ")}`);
  return "service_started";
}

function readEnvFiles(envFile: Cursor, folder: string): EnvFile[] {
  return envFile.items().flatMap((item) => {
    const long = typeof item.value === "object";
    const path = (long ? item.at("path") : item).text();
    if (path === undefined || path === "") return item.refuse("needs a path") ?? [];
    const format = item.at("format").text() ?? "compose";
    if (format !== "raw" && format !== "compose") return item.at("format").refuse(`"${format}" is not known`) ?? [];
    return [{ path: absolutePath(path, folder), required: item.at("required").flag() ?? true, format }];
  });
}

function readNetworks(networks: Cursor): ServiceNetwork[] {
  const listed = Array.isArray(networks.value)
    ? networks.texts().map((key) => ({ key, aliases: [], priority: 0 }))
    : networks.entries().map(([key, connection]) => readConnection(key, connection));
  if (listed.length === 0) return [{ key: "default", aliases: [], priority: 0 }];
  return listed.sort((a, b) => b.priority - a.priority || (a.key < b.key ? -1 : 1));
}

function readConnection(key: string, connection: Cursor): ServiceNetwork {
  const ipv4 = connection.at("ipv4_address").text();
  const ipv6 = connection.at("ipv6_address").text();
  return {
    key,
    aliases: connection.at("aliases").texts(),
    priority: connection.at("priority").whole() ?? 0,
    ...(ipv4 === undefined ? {} : { ipv4 }),
    ...(ipv6 === undefined ? {} : { ipv6 }),
  };
}

function readConfig(service: Cursor): Record<string, unknown> {
  return {
    Cmd: readWords(service.at("command")),
    Entrypoint: readWords(service.at("entrypoint")),
    User: service.at("user").text(),
    WorkingDir: service.at("working_dir").text(),
    Hostname: service.at("hostname").text(),
    Domainname: service.at("domainname").text(),
    StopSignal: service.at("stop_signal").text(),
    Tty: service.at("tty").flag(),
    OpenStdin: service.at("stdin_open").flag(),
  };
}

function readWords(command: Cursor): string[] | undefined {
  if (!command.given) return undefined;
  if (Array.isArray(command.value)) return command.texts();
  return (
    splitWords(command.text() ?? "") ??
    command.refuse("has an open quote or a shell operator outside quotes: use a list")
  );
}

function readHost(service: Cursor): Record<string, unknown> {
  const tmpfs = service.at("tmpfs");
  const sysctls = service.at("sysctls");
  return {
    RestartPolicy: readRestart(service.at("restart")),
    ReadonlyRootfs: service.at("read_only").flag(),
    Init: service.at("init").flag(),
    CapAdd: list(service.at("cap_add")),
    CapDrop: list(service.at("cap_drop")),
    SecurityOpt: readSecurityOptions(service.at("security_opt")),
    GroupAdd: list(service.at("group_add")),
    Dns: list(service.at("dns")),
    DnsSearch: list(service.at("dns_search")),
    DnsOptions: list(service.at("dns_opt")),
    ExtraHosts: readExtraHosts(service.at("extra_hosts")),
    Tmpfs: tmpfs.given ? readTmpfsPaths(tmpfs) : undefined,
    Sysctls: sysctls.given ? texts(sysctls) : undefined,
    LogConfig: readLogging(service.at("logging")),
  };
}

const list = (cursor: Cursor): string[] | undefined => (cursor.given ? cursor.texts() : undefined);

function readRestart(restart: Cursor): { Name: string; MaximumRetryCount: number } | undefined {
  const text = restart.text();
  if (text === undefined) return undefined;
  if (!RESTARTS.test(text)) return restart.refuse(`"${text}" is not no, always, unless-stopped or on-failure[:N]`);
  const [name = "", count = "0"] = text.split(":");
  return { Name: name, MaximumRetryCount: Number(count) };
}

function readSecurityOptions(options: Cursor): string[] | undefined {
  if (!options.given) return undefined;
  return options.items().flatMap((item) => {
    const text = item.text() ?? "";
    const [, profile] = /^seccomp[:=](.*)$/.exec(text) ?? [];
    if (profile !== undefined && profile !== "unconfined")
      return item.refuse("a seccomp profile cannot be a file") ?? [];
    return [text];
  });
}

function readExtraHosts(hosts: Cursor): string[] | undefined {
  if (!hosts.given) return undefined;
  if (!Array.isArray(hosts.value)) {
    return hosts.entries().flatMap(([host, address]) => address.texts().map((text) => `${host}:${text}`));
  }
  return hosts.items().flatMap((item) => {
    const [, host, address] = /^([^=:]+)[=:](.+)$/.exec(item.text() ?? "") ?? [];
    if (host === undefined || address === undefined) return item.refuse("must be HOST=ADDRESS") ?? [];
    return [`${host}:${address.replace(/^\[(.*)\]$/, "$1")}`];
  });
}

function readLogging(logging: Cursor): { Type: string; Config: Record<string, string> } | undefined {
  if (!logging.given) return undefined;
  return { Type: logging.at("driver").text() ?? "", Config: texts(logging.at("options")) };
}

import { absolutePath } from "../plugin/paths.ts";
import type { Condition, Dependency, EnvFile, Service } from "../stack.ts";
import type { Cursor } from "./cursor.ts";
import { isSignal } from "./known-words.ts";
import type { PlainMap } from "./plain.ts";
import { readServiceNetworks } from "./read-connections.ts";
import { readHealthcheck } from "./read-health.ts";
import { readHost } from "./read-host.ts";
import { matching } from "./read-limits.ts";
import { isHome, readAllMounts, type ServicePlace } from "./read-mounts.ts";
import { readExpose, readPorts } from "./read-ports.ts";
import { readUpdate } from "./read-update.ts";
import { hasLooseOperator } from "./words.ts";

const CONDITIONS = ["service_started", "service_healthy", "service_completed_successfully"];
const PLATFORM = /^[a-z0-9]+(\/[a-z0-9_]+(\/[a-z0-9]+)?)?$/;
/** `UID[:GID]`, or names as in /etc/passwd; the engine looks names up in the image when the container starts. */
const USER = /^([A-Za-z_][\w.-]*\$?|\d{1,10})(:([A-Za-z_][\w.-]*\$?|\d{1,10}))?$/;

/** An engine is waited for this long when it stops a container; a boot that drains one has to end as well. */
const MOST_STOP_SECONDS = 240;

/** One service of the model. What cannot be executed is recorded as a problem and left out. */
export function readService(name: string, service: Cursor, place: ServicePlace): Service {
  const { folder, apart } = place;
  const platform = matching(service.at("platform"), PLATFORM, "a platform such as linux/arm64");
  const healthcheck = readHealthcheck(service.at("healthcheck"));
  const stop = readStop(service.at("stop_grace_period"));
  const { mounts, tmpfs } = readAllMounts(service, place);
  const networks = readServiceNetworks(service.at("networks"));
  const ports = readPorts(service.at("ports"));
  checkCommands(service, apart);
  return {
    name,
    image: readImage(service.at("image")),
    ...(platform === undefined ? {} : { platform }),
    pullPolicy: readPullPolicy(service.at("pull_policy")),
    dependsOn: readDependencies(service.at("depends_on")),
    envFiles: readEnvFiles(service.at("env_file").with(apart?.["env_file"]), folder),
    environment: readEnvironment(service.at("environment")),
    labels: service.at("labels").record(),
    networks,
    ports,
    expose: readExpose(service.at("expose")),
    mounts,
    ...(healthcheck === undefined ? {} : { healthcheck }),
    ...(stop === undefined ? {} : { stopSeconds: stop }),
    update: readUpdate(service.at("deploy").at("update_config"), { ports, mounts, networks }),
    config: present(readConfig(service)),
    host: present({ ...readHost(service), Tmpfs: tmpfs }),
  };
}

function readStop(period: Cursor): number | undefined {
  const nanoseconds = period.nanoseconds();
  if (nanoseconds === undefined) return undefined;
  const seconds = Math.trunc(nanoseconds / 1e9);
  return seconds > MOST_STOP_SECONDS ? period.refuse(`is more than ${MOST_STOP_SECONDS}s`) : seconds;
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
    if (isHome(path, folder)) return item.refuse("~ stands for nobody's home on a node: write the path") ?? [];
    const format = item.at("format").text() ?? "compose";
    if (format !== "raw" && format !== "compose") return item.at("format").refuse(`"${format}" is not known`) ?? [];
    return [{ path: absolutePath(path, folder), required: item.at("required").flag() ?? true, format }];
  });
}

function readEnvironment(environment: Cursor): ReadonlyMap<string, string | null> {
  const nameless = environment.entries().find(([name]) => name === "" || name.includes("="));
  if (nameless) nameless[1].refuse("a variable needs a name without =");
  const cut = environment.entries().find(([name, { value }]) => JSON.stringify([name, value]).includes("\\u0000"));
  if (cut) cut[1].refuse("a NUL cannot be part of a variable");
  return new Map(environment.pairs());
}

function readConfig(service: Cursor): Record<string, unknown> {
  const signal = service.at("stop_signal");
  const signalText = signal.text();
  if (signalText !== undefined && !isSignal(signalText)) signal.refuse(`"${signalText}" is not a signal`);
  return {
    Cmd: words(service.at("command")),
    Entrypoint: words(service.at("entrypoint")),
    User: matching(service.at("user"), USER, "UID[:GID] or names"),
    WorkingDir: matching(service.at("working_dir"), /^\//, "an absolute path"),
    Hostname: matching(service.at("hostname"), /^[\w.-]{1,63}$/, "a name of a host"),
    Domainname: matching(service.at("domainname"), /^[\w.-]{1,63}$/, "a domain"),
    StopSignal: signalText,
    Tty: service.at("tty").flag(),
    OpenStdin: service.at("stdin_open").flag(),
  };
}

const words = (command: Cursor): string[] | undefined => (command.given ? command.texts() : undefined);

// Compose drops what comes after the operator, in silence.
function checkCommands(service: Cursor, apart: PlainMap | undefined): void {
  for (const key of ["command", "entrypoint"]) {
    const text = apart?.[key];
    if (typeof text !== "string" || !hasLooseOperator(text)) continue;
    service.at(key).refuse("has an open quote or a shell operator outside quotes: use a list");
  }
}

import type { ContainerBody } from "../compose/container-body.ts";
import type { MadeFrom } from "../engine.ts";

type Fields = Readonly<Record<string, unknown>>;

/** Fields of the create body that people know by a key of the Compose file. */
const CONFIG: Fields = { Cmd: "command", Entrypoint: "entrypoint", User: "user", Healthcheck: "healthcheck" };
const HOST: Fields = { PortBindings: "ports", Memory: "mem_limit", PidsLimit: "pids_limit", RestartPolicy: "restart" };
/** More names than this say less than none. */
const MOST_NAMES = 6;

/** What differs between a container and what it is to be, as in `image, environment TITLE`; never a value. Undefined where nothing is found. */
export function changesOf(made: MadeFrom | undefined, body: ContainerBody): string | undefined {
  if (made === undefined) return undefined;
  const { config, host } = made;
  const changes = [
    ...(config.Image === body.Image ? [] : ["image"]),
    ...named("environment", environmentChanges(texts(config.Env), body.Env)),
    ...named("mount", mountChanges(host, body.HostConfig)),
    ...fieldChanges(CONFIG, config, body),
    ...fieldChanges(HOST, host, body.HostConfig),
  ];
  return changes.length === 0 ? undefined : changes.join(", ");
}

function named(what: string, names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > MOST_NAMES ? ` and ${names.length - MOST_NAMES} more` : "";
  return [`${what} ${names.slice(0, MOST_NAMES).join(" ")}${more}`];
}

// The engine adds the image's own variables: one that is no more cannot be told from one of those.
function environmentChanges(old: readonly string[], wanted: readonly string[]): string[] {
  const had = new Set(old);
  return wanted.filter((entry) => !had.has(entry)).map((entry) => entry.split("=")[0] ?? "");
}

function mountChanges(old: Fields, wanted: Fields): string[] {
  const [had, want] = [mountsOf(old), mountsOf(wanted)];
  return [...new Set([...had.keys(), ...want.keys()])].filter((target) => had.get(target) !== want.get(target)).sort();
}

/** Source by target, of binds and mounts. */
function mountsOf({ Binds, Mounts }: Fields): ReadonlyMap<string, string> {
  const binds = texts(Binds).map((bind) => bind.split(":"));
  const mounts = (Array.isArray(Mounts) ? Mounts : []) as Fields[];
  return new Map([
    ...binds.map(([source = "", target = ""]) => [target, source] as const),
    ...mounts.map(
      ({ Source, Target }) =>
        [typeof Target === "string" ? Target : "", typeof Source === "string" ? Source : ""] as const,
    ),
  ]);
}

function fieldChanges(words: Fields, old: Fields, wanted: Fields): string[] {
  const isChanged = (field: string) => wanted[field] !== undefined && !holds(old[field], wanted[field]);
  return Object.entries(words).flatMap(([field, word]) => (isChanged(field) ? [String(word)] : []));
}

/** The engine fills in what was left out, an image's health check for one: only what is wanted is compared. */
function holds(had: unknown, wanted: unknown): boolean {
  if (typeof wanted !== "object" || wanted === null) return had === wanted;
  const own = typeof had === "object" && had !== null ? (had as Fields) : {};
  const entries = Object.entries(wanted);
  if (Array.isArray(wanted) && (!Array.isArray(had) || had.length !== entries.length)) return false;
  return entries.every(([key, value]) => holds(own[key], value));
}

const texts = (list: unknown): string[] => (Array.isArray(list) ? list.map(String) : []);

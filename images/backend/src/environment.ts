import { randomBytes } from "node:crypto";
import { SHORTEST_ADMIN_PASSWORD } from "./login/password.ts";
import { type Mail, mailOf } from "./mail-environment.ts";
import { type Media, mediaOf } from "./media-environment.ts";
import { type Problem, Reader } from "./reader.ts";

/** Where PostgreSQL or Valkey answers, and the PEM certificates that may vouch for it. */
export type Server = { url: string; ca: string | undefined };

/** What the shop needs on its first day; read by `first-run` only. */
export type Shop = { title: string; currency: string; countries: string[]; taxRate: number };

/** The first person who may log in to the admin. */
export type Admin = { email: string; password: string };

/** Everything Medusa is configured from. */
export type Settings = {
  database: Server;
  redis: Server;
  secrets: { jwt: string; cookie: string };
  cors: { store: string; admin: string; auth: string };
  media: Media;
  /** Undefined where the shop writes to nobody. */
  mail: Mail | undefined;
  workerMode: WorkerMode;
};

const workerModes = ["shared", "server", "worker"] as const;
export type WorkerMode = (typeof workerModes)[number];

const secretLength = 32;

/**
 * Reads what `start` needs from `env`. Every problem is returned at once, by key name; no value is ever repeated,
 * because most of these are secrets and all of them end up in a log.
 */
export function readSettings(env: NodeJS.ProcessEnv): { settings: Settings; problems: Problem[] } {
  const read = new Reader(env);
  const workerMode = read.oneOf("MEDUSA_WORKER_MODE", workerModes);
  const settings: Settings = {
    database: databaseOf(read),
    redis: redisOf(read),
    ...(workerMode === "worker" ? answeringNobody() : { secrets: secretsOf(read), cors: corsOf(read) }),
    media: mediaOf(read),
    mail: mailOf(read),
    workerMode,
  };
  return { settings, problems: read.problems };
}

/** Reads what only `first-run` needs, in the same manner as readSettings. */
export function readShop(env: NodeJS.ProcessEnv): { shop: Shop; admin: Admin; problems: Problem[] } {
  const read = new Reader(env);
  const shop: Shop = {
    title: read.required("SHOP_TITLE"),
    currency: read.matching("SHOP_CURRENCY", /^[a-z]{3}$/, "must be an ISO 4217 code in small letters, such as eur"),
    countries: countriesOf(read),
    taxRate: taxRateOf(read),
  };
  const admin: Admin = {
    email: read.matching("ADMIN_EMAIL", /^[^\s@]+@[^\s@]+$/, "must be an e-mail address"),
    password: read.atLeast("ADMIN_PASSWORD", SHORTEST_ADMIN_PASSWORD),
  };
  return { shop, admin, problems: read.problems };
}

function databaseOf(read: Reader): Server {
  const url = read.url("DATABASE_URL", ["postgres:", "postgresql:"]);
  if (url) {
    if (url.password === "") read.problem("DATABASE_URL", "has no password");
    if (url.pathname.length < 2) read.problem("DATABASE_URL", "names no database");
    const own = [...url.searchParams.keys()].filter((name) => /^ssl|^sslmode/i.test(name));
    // The driver lets a parameter of the URL overrule the verification that medusa-config.ts asks for.
    if (own.length > 0) read.problem("DATABASE_URL", "must not carry ssl parameters: TLS is always verified here");
  }
  return { url: url?.href ?? "", ca: read.certificates("DATABASE_CA_CERT") };
}

function redisOf(read: Reader): Server {
  const url = read.url("REDIS_URL", ["rediss:"]);
  if (url && url.password === "") read.problem("REDIS_URL", "has no password");
  return { url: url?.href ?? "", ca: read.certificates("REDIS_CA_CERT") };
}

/** A worker signs nothing and has no visitors, so it is told no secrets for them; without any Medusa does not start. */
function answeringNobody(): Pick<Settings, "secrets" | "cors"> {
  const unused = () => randomBytes(secretLength).toString("hex");
  return { secrets: { jwt: unused(), cookie: unused() }, cors: { store: "", admin: "", auth: "" } };
}

function secretsOf(read: Reader): Settings["secrets"] {
  const jwt = read.atLeast("JWT_SECRET", secretLength);
  const cookie = read.atLeast("COOKIE_SECRET", secretLength);
  if (jwt !== "" && jwt === cookie) read.problem("COOKIE_SECRET", "must differ from JWT_SECRET");
  return { jwt, cookie };
}

function corsOf(read: Reader): Settings["cors"] {
  const cors = {
    store: read.origins("STORE_CORS"),
    admin: read.origins("ADMIN_CORS"),
    auth: read.origins("AUTH_CORS"),
  };
  const allowed = new Set(cors.auth);
  const forgotten = [...cors.store, ...cors.admin].filter((origin) => !allowed.has(origin));
  if (cors.auth.length > 0 && forgotten.length > 0) {
    read.problem("AUTH_CORS", "must list every origin of STORE_CORS and ADMIN_CORS: both log in through /auth");
  }
  return { store: cors.store.join(","), admin: cors.admin.join(","), auth: cors.auth.join(",") };
}

function countriesOf(read: Reader): string[] {
  const countries = read
    .required("SHOP_COUNTRIES")
    .split(",")
    .map((code) => code.trim())
    .filter((code) => code !== "");
  if (!countries.every((code) => /^[a-z]{2}$/.test(code))) {
    read.problem("SHOP_COUNTRIES", "must be ISO 3166 codes in small letters with commas between, such as fr,de");
  }
  if (new Set(countries).size !== countries.length) read.problem("SHOP_COUNTRIES", "names a country twice");
  return countries;
}

function taxRateOf(read: Reader): number {
  const text = read.matching("SHOP_TAX_RATE", /^\d{1,3}(\.\d+)?$/, "must be a percentage, such as 20");
  const rate = Number(text);
  if (rate > 100) read.problem("SHOP_TAX_RATE", "must not be over 100");
  return rate;
}

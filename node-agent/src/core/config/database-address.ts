import { ConfigurationError } from "../../base/errors.ts";
import { Secret } from "../../base/secret.ts";

/** Where the agent reaches PostgreSQL, and whom it expects to find there. */
export interface DatabaseAddress {
  readonly host: string;
  readonly port: number;
  readonly user: string;
  readonly password: Secret;
  readonly database: string;
  /** The name in the server's certificate. */
  readonly serverName: string;
  /** CA certificates (PEM); empty for those of Amazon RDS. */
  readonly ca: string;
}

/**
 * Reads the address out of the backend's own environment, so that the agent asks the database the backend will use.
 * `reachedAt` (host:port) is where the agent gets to it, when that is elsewhere.
 */
export function databaseAddress(
  environment: ReadonlyMap<string, string | null>,
  reachedAt: string | undefined,
): DatabaseAddress {
  const url = parseUrl(environment.get("DATABASE_URL") ?? undefined);
  const [host, port] = reachedAt?.split(":") ?? [url.hostname, url.port];
  return {
    host: host ?? url.hostname,
    port: Number(port === "" ? 5432 : port),
    user: decoded(url.username),
    password: new Secret(decoded(url.password)),
    database: decoded(url.pathname.slice(1)),
    serverName: url.hostname,
    ca: environment.get("DATABASE_CA_CERT") ?? "",
  };
}

function parseUrl(text: string | undefined): URL {
  const url = text === undefined ? null : URL.parse(text);
  if (url !== null && /^postgres(ql)?:$/.test(url.protocol) && url.hostname !== "") return url;
  throw noAddress(text === undefined ? "does not hold it" : "holds something else under that name");
}

function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    throw noAddress(
      "holds a percent sign in it that encodes nothing: write {{urlencode (...)}} around each of its parts",
    );
  }
}

// The URL holds the password: no message may quote it.
function noAddress(why: string): ConfigurationError {
  return new ConfigurationError("first-run: DATABASE_URL is not the address of a PostgreSQL", {
    code: "database.url",
    why: `backend.env ${why}`,
    fix: "correct the template backend.env.hbs and the parameters it uses, then boot again",
  });
}

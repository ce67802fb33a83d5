import { ConfigurationError } from "../../base/errors.ts";
import { done, type ProbeResult, pending } from "../../base/wait.ts";
import type { DatabaseAddress } from "../../core/config/database-address.ts";

export type Recorded = boolean | "unverified";

/** The shop's PostgreSQL, as far as the agent itself asks it. */
export interface Database {
  /**
   * Whether the database records these migrations: one query over TLS. One attempt. `unverified`: no authority was
   * given, and Amazon's (where the agent has none, the system's) do not vouch for the server, so nothing was asked.
   */
  records(migrations: string, address: DatabaseAddress, timeoutMs: number): Promise<ProbeResult<Recorded>>;
}

/** Neither the table nor the database exists: nothing was ever migrated. */
const NOTHING_YET = new Set(["42P01", "3D000"]);
/** PostgreSQL's own words for a refused login. */
const REFUSED = new Set(["28000", "28P01", "42501"]);

/** `amazon` gives the CA certificates of a database for which no others are given. */
export const postgres = (amazon: () => Promise<string | undefined>): Database => ({
  async records(migrations, address, timeoutMs) {
    const { default: pg } = await import("pg");
    const ca = address.ca === "" ? await amazon() : address.ca;
    const client = new pg.Client({
      host: address.host,
      port: address.port,
      user: address.user,
      password: address.password.reveal(),
      database: address.database,
      connectionTimeoutMillis: timeoutMs,
      query_timeout: timeoutMs,
      ssl: { servername: address.serverName, ...(ca === undefined ? {} : { ca }) },
    });
    // An idle connection that breaks is told by the query; without a listener it would end the process.
    client.on("error", () => undefined);
    try {
      await client.connect();
      const { rowCount } = await client.query("select 1 from greenleaf_migrations where hash = $1", [migrations]);
      return done((rowCount ?? 0) > 0);
    } catch (error) {
      return outcome(error, address);
    } finally {
      await client.end().catch(() => undefined);
    }
  },
});

const CERTIFICATE = /certificate|CERT|self.signed/i;

function outcome(error: unknown, { host, port, user, ca }: DatabaseAddress): ProbeResult<Recorded> {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  const why = error instanceof Error ? error.message || code : String(error);
  if (NOTHING_YET.has(code)) return done(false);
  const isUntrusted = CERTIFICATE.test(`${code} ${why}`);
  if (isUntrusted && ca === "") return done("unverified");
  if (!REFUSED.has(code) && !isUntrusted) return pending(why);
  throw new ConfigurationError(`first-run: PostgreSQL at ${host}:${port} refuses user ${user}`, {
    code: "database.login",
    why,
    fix: "correct db/host, db/ca and the secret db, then boot again",
    cause: error,
  });
}

import { Client } from "pg";
import type { Server } from "../environment.ts";
import { Failure } from "../failure.ts";
import { databaseTls } from "../tls.ts";

/** The one job of the fleet that may migrate holds this advisory lock ("greenleaf" in ASCII, cut to 63 bits). */
const lockKey = 0x677265656e6c6561n;
const lockTimeout = "15min";

/** PostgreSQL's SQLSTATE for a table that is not there, and for a lock that was not given in time. */
const undefinedTable = "42P01";
const lockNotAvailable = "55P03";

/** Stands among the hashes of a database that was a shop before it came here. */
const movedIn = "moved-in";

/** The database's record of the migrations that were applied, over one bare connection. */
export type Ledger = {
  /** The shop's publishable key if `hash` is recorded and a key is in force; one query. */
  find(hash: string): Promise<string | undefined>;
  /** Whether the migrations of `hash` were applied. */
  has(hash: string): Promise<boolean>;
  /** Waits until no other job holds the lock; it is given back when the connection ends, however it ends. */
  lock(): Promise<void>;
  record(hash: string): Promise<void>;
  /** Whether the database was a shop before it came here. What is found before the first migration is remembered. */
  wasMovedIn(): Promise<boolean>;
  close(): Promise<void>;
};

/** Opens the ledger; rejects with the driver's error. */
export async function openLedger(database: Server): Promise<Ledger> {
  const client = new Client({
    connectionString: database.url,
    ssl: databaseTls(database),
    connectionTimeoutMillis: 5_000,
    // The lock's connection is silent for as long as a migration takes.
    keepAlive: true,
  });
  // A connection lost between two queries fails the next one; the event alone would end the process without a word.
  client.on("error", () => undefined);
  await client.connect();
  return {
    find: (hash) => find(client, hash),
    has: (hash) => has(client, hash),
    lock: () => lock(client),
    record: (hash) => record(client, hash),
    wasMovedIn: () => wasMovedIn(client),
    close: () => client.end(),
  };
}

function find(client: Client, hash: string): Promise<string | undefined> {
  return unlessMissing(undefined, async () => {
    const { rows } = await client.query<{ token: string }>(
      `select token from api_key
        where type = 'publishable' and revoked_at is null and deleted_at is null
          and exists (select from greenleaf_migrations where hash = $1)
        order by created_at limit 1`,
      [hash],
    );
    return rows[0]?.token;
  });
}

function has(client: Client, hash: string): Promise<boolean> {
  return unlessMissing(false, async () => {
    const { rowCount } = await client.query("select from greenleaf_migrations where hash = $1", [hash]);
    return rowCount === 1;
  });
}

/** In a database where nobody ever migrated there is not even the table to ask. */
async function unlessMissing<Answer>(otherwise: Answer, ask: () => Promise<Answer>): Promise<Answer> {
  try {
    return await ask();
  } catch (error) {
    if (codeOf(error) === undefinedTable) return otherwise;
    throw error;
  }
}

async function lock(client: Client): Promise<void> {
  await client.query(`set lock_timeout = '${lockTimeout}'`);
  try {
    await client.query("select pg_advisory_lock($1)", [lockKey.toString()]);
  } catch (error) {
    if (codeOf(error) !== lockNotAvailable) throw error;
    throw new Failure("the first-run job did not get its turn", {
      exitCode: 75,
      why: `another first-run job has held the database's lock for ${lockTimeout}`,
      fix: "look at that job's log, end it if it is stuck, then start this one again",
      cause: error,
    });
  }
}

async function record(client: Client, hash: string): Promise<void> {
  await client.query(
    "create table if not exists greenleaf_migrations (hash text primary key, applied_at timestamptz not null default now())",
  );
  await client.query("insert into greenleaf_migrations (hash) values ($1) on conflict do nothing", [hash]);
}

/** A job of ours makes no products: those that lie in a database without any record are somebody's. */
async function wasMovedIn(client: Client): Promise<boolean> {
  if (await has(client, movedIn)) return true;
  const records = await countOf(client, "select from greenleaf_migrations limit 1");
  const products = await countOf(client, "select from product limit 1");
  if (records > 0 || products === 0) return false;
  await record(client, movedIn);
  return true;
}

const countOf = (client: Client, query: string): Promise<number> =>
  unlessMissing(0, async () => (await client.query(query)).rowCount ?? 0);

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

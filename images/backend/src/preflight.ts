import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import { Client } from "pg";
import type { Settings } from "./environment.ts";
import { Failure } from "./failure.ts";
import { databaseTls, redisTls } from "./tls.ts";

/** How one attempt to reach a server ended. `refused` never gets better by waiting. */
export type Attempt = { state: "answered" } | { state: "silent" | "refused"; why: string };

type Target = { name: string; try: () => Promise<Attempt> };
type Limits = { deadlineMs: number; pauseMs: number };

const attemptMs = 5_000;

/** SQLSTATE: wrong password, wrong user, no such database, not allowed to connect. */
const refusedStates = new Set(["28P01", "28000", "3D000", "42501"]);

/**
 * Makes sure PostgreSQL and Valkey answer and are who they claim to be. Medusa would retry an unknown CA for ever and
 * without a word, so this refuses at once (exit 78) what no waiting can mend, and gives up on silence at the deadline (75).
 */
export async function preflight(settings: Settings, limits: Limits): Promise<void> {
  const targets: Target[] = [
    { name: "PostgreSQL (DATABASE_URL)", try: () => tryDatabase(settings) },
    { name: "Valkey (REDIS_URL)", try: () => tryRedis(settings) },
  ];
  const ends = await Promise.all(targets.map((target) => untilAnswered(target, limits)));
  const failed = targets.flatMap(({ name }, at) => {
    const end = ends[at];
    return end === undefined || end.state === "answered" ? [] : [{ name, state: end.state, why: end.why }];
  });
  if (failed.length === 0) return;
  const refused = failed.some(({ state }) => state === "refused");
  throw new Failure(`${failed.map(({ name }) => name).join(" and ")} cannot be used`, {
    exitCode: refused ? 78 : 75,
    why: failed.map(({ name, why }) => `${name}: ${why}`).join("; "),
    fix: refused
      ? "correct the URL, the password or the CA certificate, then start again"
      : "start again when it answers",
  });
}

async function untilAnswered(target: Target, limits: Limits): Promise<Attempt> {
  const deadline = performance.now() + limits.deadlineMs;
  for (;;) {
    const attempt = await target.try();
    if (attempt.state !== "silent" || performance.now() + limits.pauseMs >= deadline) return attempt;
    await sleep(limits.pauseMs);
  }
}

async function tryDatabase({ database }: Settings): Promise<Attempt> {
  const client = new Client({
    connectionString: database.url,
    ssl: databaseTls(database),
    connectionTimeoutMillis: attemptMs,
    query_timeout: attemptMs,
  });
  // After the answer is known a late error of the socket has nothing left to say.
  client.on("error", () => undefined);
  try {
    await client.connect();
    await client.query("select 1");
    return { state: "answered" };
  } catch (error) {
    return attemptOf(error);
  } finally {
    void client.end().catch(() => undefined);
  }
}

async function tryRedis({ redis }: Settings): Promise<Attempt> {
  const client = new Redis(redis.url, {
    tls: redisTls(redis),
    lazyConnect: true,
    retryStrategy: null,
    maxRetriesPerRequest: 0,
    connectTimeout: attemptMs,
    commandTimeout: attemptMs,
  });
  // ioredis tells the promise of connect() only that the connection closed; the reason comes as an event before.
  let reason: unknown;
  client.on("error", (error) => {
    reason ??= error;
  });
  try {
    await client.connect();
    await client.ping();
    return { state: "answered" };
  } catch (error) {
    return attemptOf(reason ?? error);
  } finally {
    client.disconnect();
  }
}

/** Sorts a driver's error by its code; its message may be shown, drivers put neither password nor URL in it. */
export function attemptOf(error: unknown): Attempt {
  const { code, message } = described(error);
  return {
    state: isRefusal(code, message) ? "refused" : "silent",
    why: code === "" ? message : `${message} (${code})`,
  };
}

function described(error: unknown): { code: string; message: string } {
  // A name with several addresses fails with an AggregateError whose own message is empty.
  const first: unknown = error instanceof AggregateError ? error.errors[0] : error;
  if (!(first instanceof Error)) return { code: "", message: String(first) };
  const code = "code" in first && typeof first.code === "string" ? first.code : "";
  return { code, message: first.message };
}

function isRefusal(code: string, message: string): boolean {
  if (refusedStates.has(code)) return true;
  // OpenSSL's verdicts on a certificate, Node's on its name, and a peer that does not speak TLS at all.
  if (/CERT|UNABLE_TO_|^ERR_TLS_|^ERR_SSL_|^EPROTO$|HOSTNAME_MISMATCH|INVALID_CA|SIGNATURE/.test(code)) return true;
  // Neither the pg driver's own refusal of plaintext nor Valkey's answers to AUTH have a code.
  return message === "The server does not support SSL connections" || /^(WRONGPASS|NOAUTH|NOPERM) /.test(message);
}

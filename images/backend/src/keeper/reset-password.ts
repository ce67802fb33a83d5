import { createHash, createHmac, randomUUID } from "node:crypto";
import { Client } from "pg";
import type { Settings } from "../environment.ts";
import { Failure } from "../failure.ts";
import { passwordProblem } from "../login/password.ts";
import { databaseTls } from "../tls.ts";
import { type Administrator, chosen } from "./administrators.ts";

const MINUTES = 5;
const ANSWER_MS = 30_000;

type Reset = { settings: Settings; backendUrl: string; email: string | undefined; password: string };

/**
 * Sets the password of an administrator who can no longer log in, and gives that one's address. Whoever may run this
 * holds the backend's secrets already. The running backend does it, by the link that a mail would carry: its rules
 * hold, and whoever was logged in with the old password is out.
 */
export async function resetPassword({ settings, backendUrl, email, password }: Reset): Promise<string> {
  const problem = passwordProblem("user", password);
  if (problem !== undefined) throw refused(problem, "choose a longer one");
  const client = new Client({
    connectionString: settings.database.url,
    ssl: databaseTls(settings.database),
    connectionTimeoutMillis: ANSWER_MS,
    query_timeout: ANSWER_MS,
  });
  client.on("error", () => undefined);
  try {
    await client.connect();
    const administrator = chosen(await administrators(client), email);
    const jti = await allowReset(client, administrator);
    await setByLink(`${backendUrl}/auth/user/emailpass/update`, {
      token: resetToken(settings.secrets.jwt, administrator.email, jti),
      password,
    });
    return administrator.email;
  } catch (error) {
    throw error instanceof Failure ? error : notNow("PostgreSQL does not answer", error);
  } finally {
    // One that never connected has nothing to end.
    await client.end().catch(() => undefined);
  }
}

async function administrators(client: Client): Promise<Administrator[]> {
  const { rows } = await client.query<Administrator>(
    `select own.id, own.entity_id as email, own.auth_identity_id as "identityId"
       from provider_identity own join auth_identity identity on identity.id = own.auth_identity_id
       join "user" staff on staff.id = identity.app_metadata ->> 'user_id' and staff.deleted_at is null
      where own.provider = 'emailpass' and own.deleted_at is null and identity.deleted_at is null
      order by own.created_at`,
  );
  return rows;
}

/** As Medusa's own createPasswordResetToken: one token an identity, for once, and only its hash is kept. */
async function allowReset(client: Client, { id, email, identityId }: Administrator): Promise<string> {
  const jti = randomUUID();
  const hash = createHash("sha256").update(jti).digest("hex");
  await client.query("delete from auth_password_reset_token where provider_identity_id = $1", [id]);
  await client.query(
    `insert into auth_password_reset_token
       (id, auth_identity_id, provider_identity_id, entity_id, token_hash, expires_at)
     values ($1, $2, $3, $4, $5, now() + interval '${MINUTES} minutes')`,
    [`authprt_${randomUUID()}`, identityId, id, email, hash],
  );
  return jti;
}

function resetToken(secret: string, email: string, jti: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { entity_id: email, provider: "emailpass", actor_type: "user", purpose: "reset", jti };
  const [head, body] = [
    { alg: "HS256", typ: "JWT" },
    { ...claims, iat: now, exp: now + MINUTES * 60 },
  ].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url"));
  const signature = createHmac("sha256", secret).update(`${head}.${body}`).digest("base64url");
  return `${head}.${body}.${signature}`;
}

/** As the browser does it that followed the link of a mail; what is not known for sure is told as that. */
export async function setByLink(url: string, { token, password }: { token: string; password: string }): Promise<void> {
  let response: Response;
  try {
    response = await fetch(url, {
      method: "POST",
      headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
      body: JSON.stringify({ password }),
      signal: AbortSignal.timeout(ANSWER_MS),
    });
  } catch (error) {
    throw notNow("the backend in this container does not answer", error);
  }
  await response.body?.cancel();
  // It may have been changed, with those who were logged in still there: the next run changes it again and ends them.
  if (response.status >= 500 || response.status === 429) throw notNow(`the backend answered ${response.status}`);
  if (!response.ok) throw refused(`the backend answered ${response.status}`, "look at the backend's log");
}

function notNow(why: string, cause?: unknown): Failure {
  const fix = "run it again when the backend, PostgreSQL and Valkey serve";
  return new Failure("it is not sure that the password was changed", { exitCode: 75, why, fix, cause });
}

function refused(why: string, fix: string): Failure {
  return new Failure("the password was not changed", { exitCode: 78, why, fix });
}

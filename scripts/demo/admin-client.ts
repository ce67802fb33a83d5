import { boundedAnswer } from "../../node-agent/src/base/bounded-body.ts";
import { PermissionError, TemporaryError, UnhealthyError } from "../../node-agent/src/base/errors.ts";
import { type Clock, done, pending, until } from "../../node-agent/src/base/wait.ts";

/** Medusa's admin API as one signed-in person sees it. */
export interface AdminClient {
  get<T>(path: string): Promise<T>;
  post<T>(path: string, body: unknown): Promise<T>;
  delete(path: string): Promise<void>;
  /** Uploads files as the admin's pages do; gives their addresses, in no promised order. */
  upload(files: readonly UploadFile[]): Promise<readonly string[]>;
}

export interface UploadFile {
  readonly name: string;
  readonly type: string;
  readonly bytes: Uint8Array;
}

interface Account {
  readonly baseUrl: string;
  readonly email: string;
  readonly password: string;
}

const CALL_MS = 30_000;
/** As long as the front waits for an answer. */
const UPLOAD_MS = 60_000;
const FIX = "see ./greenleaf status and ./greenleaf logs backend";

/** Signs in; waits up to a minute for a backend that is still starting. */
export async function signIn(clock: Clock, { baseUrl, email, password }: Account): Promise<AdminClient> {
  const wait = { what: "the shop's admin login", withinMs: 60_000, everyMs: 1000, fix: FIX };
  const token = await until(clock, wait, async () => {
    const answer = await reach(`${baseUrl}/auth/user/emailpass`, json({ email, password })).catch(
      (error: Error) => error,
    );
    if (answer instanceof Error) return pending(answer.message);
    if (answer.status === 401) throw refusedLogin();
    if (!answer.ok) return pending(`HTTP ${answer.status}`);
    const { token } = parsed(await textOf(answer)) as { token: string };
    return done(token);
  });
  return createClient(baseUrl, token);
}

function createClient(baseUrl: string, token: string): AdminClient {
  const call = async <T>(path: string, request: RequestInit): Promise<T> => {
    const headers = { ...(request.headers as Record<string, string> | undefined), authorization: `Bearer ${token}` };
    const answer = await reach(`${baseUrl}${path}`, { ...request, headers });
    const text = await textOf(answer);
    if (!answer.ok) throw refusedCall(`${request.method ?? "GET"} ${path}`, answer.status, text);
    return parsed(text) as T;
  };
  return {
    get: (path) => call(path, {}),
    post: (path, body) => call(path, json(body)),
    async delete(path) {
      await call(path, { method: "DELETE" });
    },
    async upload(files) {
      const form = new FormData();
      for (const { name, type, bytes } of files)
        form.append("files", new Blob([new Uint8Array(bytes)], { type }), name);
      const answer = await call<{ files: readonly { url: string }[] }>("/admin/uploads", {
        method: "POST",
        body: form,
      });
      return answer.files.map(({ url }) => url);
    },
  };
}

/** The admin API's largest answer here is a list of some hundred products. */
const MAX_ANSWER = 16 * 1024 * 1024;

const textOf = (answer: Response): Promise<string> =>
  boundedAnswer(answer, MAX_ANSWER).then(
    (bytes) => bytes.toString(),
    (error: unknown) => {
      throw noAnswer(answer.url, error);
    },
  );

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new TemporaryError("the shop answers with what is no JSON", {
      code: "shop.no-answer",
      why: text.slice(0, 200).replaceAll(/\s+/g, " "),
      fix: FIX,
      cause: error,
    });
  }
}

function json(body: unknown): RequestInit {
  return { method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify(body) };
}

async function reach(url: string, request: RequestInit): Promise<Response> {
  const withinMs = request.body instanceof FormData ? UPLOAD_MS : CALL_MS;
  try {
    return await fetch(url, { ...request, signal: AbortSignal.timeout(withinMs) });
  } catch (error) {
    throw noAnswer(url, error);
  }
}

function noAnswer(url: string, error: unknown): TemporaryError {
  const { host, pathname } = new URL(url);
  return new TemporaryError(`the shop at ${host} did not answer ${pathname}`, {
    code: "shop.no-answer",
    why: reasonOf(error),
    fix: FIX,
    cause: error,
  });
}

/** fetch says only "fetch failed"; what failed is in its cause. */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function refusedLogin(): PermissionError {
  return new PermissionError("the shop refuses the admin login", {
    code: "shop.login",
    why: "its admin was given another address or password than the one in the secrets",
    fix: "put the password in force into the admin secret, or start over with ./greenleaf down --purge",
  });
}

function refusedCall(what: string, status: number, text: string): UnhealthyError {
  return new UnhealthyError(`the shop answered ${status} to ${what}`, {
    code: "shop.refused",
    why: text.slice(0, 300),
    fix: FIX,
  });
}

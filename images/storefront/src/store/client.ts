import { settings } from "../settings.ts";
import { BackendRefused, BackendUnavailable, isUnavailable } from "./errors.ts";
import { createPulse, type Pulse } from "./pulse.ts";

interface StoreRequest {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly query?: Readonly<Record<string, string>> | URLSearchParams;
  readonly body?: unknown;
  /** The backend gives the same answer when asked twice: worth a second try. Reading always is. */
  readonly repeatable?: boolean;
  /** A customer's token. */
  readonly token?: string | undefined;
  /** Who asks, as the proxy in front says, where the backend counts attempts: then 429 is meant for the visitor. */
  readonly client?: string | undefined;
  /** Milliseconds to wait at least, even for a backend that seems to be away: what it does is too dear to break off. */
  readonly atLeastMs?: number;
  /** The answer is no JSON, and nobody reads it. */
  readonly isSilent?: boolean;
}

/** Milliseconds until one answer counts as never coming. */
const READ_MS = 10_000;
const WRITE_MS = 30_000;
/** Work on orders may keep a backend that is well from saying so for seconds; one that says "no" says it at once. */
const READY_MS = 5_000;
const PAUSE_MS = 300;

// Next loads this module once per route; what is known of the backend has to be known to all.
const KEY = Symbol.for("greenleaf.pulse");
const shared = globalThis as { [KEY]?: Pulse };

function pulse(): Pulse {
  shared[KEY] ??= createPulse({
    isReady: isBackendReady,
    isTrouble: isUnavailable,
    refusal: () => new BackendUnavailable("the backend is away"),
  });
  return shared[KEY];
}

async function isBackendReady(): Promise<boolean> {
  try {
    const response = await fetch(`${settings().backendUrl}/readyz`, { signal: AbortSignal.timeout(READY_MS) });
    await response.body?.cancel();
    return response.ok;
  } catch {
    return false;
  }
}

/** One call of Medusa's store API. */
export async function askStore<T>(path: string, request: StoreRequest = {}): Promise<T> {
  const { method = "GET", repeatable = method === "GET" } = request;
  const sendOnce = () => pulse().guard((away) => send<T>(path, request, away), request.atLeastMs);
  try {
    return await sendOnce();
  } catch (error) {
    if (!repeatable || !isUnavailable(error) || pulse().isAway()) throw error;
    // A kept-alive connection may die under a request while the backend is replaced.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return sendOnce();
  }
}

/** The same for a call whose answer has nothing to say beyond that it was done. */
export async function tellStore(path: string, request: StoreRequest): Promise<void> {
  await askStore(path, { ...request, isSilent: true });
}

async function send<T>(path: string, request: StoreRequest, away: AbortSignal): Promise<T> {
  const what = `${request.method ?? "GET"} ${path}`;
  const response = await reach(path, request, { what, away });
  const text = await readText(response, what);
  if (response.ok) return (request.isSilent ? undefined : JSON.parse(text)) as T;
  const message = `${what} answered ${response.status}: ${reason(text)}`;
  const isBusy = response.status === 429 && request.client === undefined;
  if (response.status >= 500 || isBusy) throw new BackendUnavailable(message);
  throw new BackendRefused(message, response.status, codeOf(text));
}

async function reach(
  path: string,
  request: StoreRequest,
  { what, away }: { what: string; away: AbortSignal },
): Promise<Response> {
  const { backendUrl, publishableKey } = settings();
  const { method = "GET" } = request;
  const query = request.query === undefined ? "" : `?${new URLSearchParams(request.query)}`;
  try {
    return await fetch(`${backendUrl}${path}${query}`, {
      method,
      headers: {
        "x-publishable-api-key": publishableKey,
        "content-type": "application/json",
        ...(request.token === undefined ? {} : { authorization: `Bearer ${request.token}` }),
        ...(request.client === undefined ? {} : { "x-greenleaf-client": request.client }),
      },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      cache: "no-store",
      signal: AbortSignal.any([away, AbortSignal.timeout(method === "GET" ? READ_MS : WRITE_MS)]),
    });
  } catch (error) {
    throw new BackendUnavailable(`${what} got no answer`, { cause: error });
  }
}

async function readText(response: Response, what: string): Promise<string> {
  try {
    return await response.text();
  } catch (error) {
    throw new BackendUnavailable(`${what} broke off in the middle of its answer`, { cause: error });
  }
}

function reason(text: string): string {
  return wordOf(text, "message") ?? "no reason given";
}

function codeOf(text: string): string | undefined {
  return wordOf(text, "code");
}

function wordOf(text: string, name: "message" | "code"): string | undefined {
  try {
    const word = (JSON.parse(text) as Readonly<Record<string, unknown>>)[name];
    return typeof word === "string" ? word : undefined;
  } catch {
    // Not JSON: a proxy's page, of which nothing is worth repeating.
    return undefined;
  }
}

import { settings } from "../settings.ts";
import { BackendRefused, BackendUnavailable } from "./errors.ts";

interface StoreRequest {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** The backend gives the same answer when asked twice: worth a second try. Reading always is. */
  readonly repeatable?: boolean;
}

/** Milliseconds until the backend counts as not answering. */
const READ_MS = 10_000;
const WRITE_MS = 30_000;
const PAUSE_MS = 300;

/** One call of Medusa's store API. */
export async function askStore<T>(path: string, request: StoreRequest = {}): Promise<T> {
  const { method = "GET", repeatable = method === "GET" } = request;
  try {
    return await send<T>(path, request);
  } catch (error) {
    if (!repeatable || !(error instanceof BackendUnavailable)) throw error;
    // A kept-alive connection may die under a request while the backend is replaced.
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
    return send<T>(path, request);
  }
}

async function send<T>(path: string, request: StoreRequest): Promise<T> {
  const what = `${request.method ?? "GET"} ${path}`;
  const response = await reach(path, request, what);
  const text = await readText(response, what);
  if (response.ok) return JSON.parse(text) as T;
  const message = `${what} answered ${response.status}: ${reason(text)}`;
  if (response.status >= 500 || response.status === 429) throw new BackendUnavailable(message);
  throw new BackendRefused(message, response.status);
}

async function reach(path: string, request: StoreRequest, what: string): Promise<Response> {
  const { backendUrl, publishableKey } = settings();
  const { method = "GET" } = request;
  const query = request.query === undefined ? "" : `?${new URLSearchParams(request.query)}`;
  try {
    return await fetch(`${backendUrl}${path}${query}`, {
      method,
      headers: { "x-publishable-api-key": publishableKey, "content-type": "application/json" },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      cache: "no-store",
      signal: AbortSignal.timeout(method === "GET" ? READ_MS : WRITE_MS),
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
  try {
    const { message } = JSON.parse(text) as { message?: unknown };
    return typeof message === "string" ? message : "no reason given";
  } catch {
    // Not JSON: a proxy's page, of which nothing is worth repeating.
    return "no reason given";
  }
}

import { settings } from "../settings.ts";
import { BackendRefused, BackendUnavailable } from "./errors.ts";

interface StoreRequest {
  readonly method?: "GET" | "POST" | "DELETE";
  readonly query?: Readonly<Record<string, string>>;
  readonly body?: unknown;
  /** Milliseconds until the backend counts as not answering. */
  readonly withinMs?: number;
}

/** One call of Medusa's store API. */
export async function askStore<T>(path: string, request: StoreRequest = {}): Promise<T> {
  const { method = "GET" } = request;
  try {
    return await send<T>(path, request);
  } catch (error) {
    // A kept-alive connection may die under a request while the backend is replaced; reading twice is harmless.
    if (method === "GET" && error instanceof BackendUnavailable) return send<T>(path, request);
    throw error;
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
  const query = request.query === undefined ? "" : `?${new URLSearchParams(request.query)}`;
  try {
    return await fetch(`${backendUrl}${path}${query}`, {
      method: request.method ?? "GET",
      headers: { "x-publishable-api-key": publishableKey, "content-type": "application/json" },
      body: request.body === undefined ? null : JSON.stringify(request.body),
      cache: "no-store",
      signal: AbortSignal.timeout(request.withinMs ?? 8000),
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

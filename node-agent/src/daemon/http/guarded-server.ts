import { createServer, type IncomingMessage, type Server, type ServerOptions, type ServerResponse } from "node:http";
import type { Answer } from "./answers.ts";

/** Nobody who asks this agent sends a body, a long header or takes seconds over either. */
const LIMITS: ServerOptions = {
  maxHeaderSize: 8_192,
  headersTimeout: 5_000,
  requestTimeout: 5_000,
  connectionsCheckingInterval: 1_000,
  keepAliveTimeout: 5_000,
};
/** A connection costs some 15 kB; beyond these a new one is closed unread. */
const MAX_CONNECTIONS = 64;
/** Nothing is read or written for so long: whoever does not take an answer gets none. */
const SILENT_MS = 10_000;

/** The path that a request asks for, and what it is answered. */
export type Responder = (path: string, request: IncomingMessage) => Answer;

/** A server for GET alone that no request ends: what cannot be read is 400, what an answer throws is 500. */
export function guardedServer(respond: Responder, tell: (text: string) => void): Server {
  const server = createServer(LIMITS, (request, response) => {
    for (const stream of [request, response]) stream.on("error", () => undefined);
    send(response, request, guarded(respond, request, tell));
  });
  server.maxConnections = MAX_CONNECTIONS;
  server.setTimeout(SILENT_MS);
  return server;
}

function guarded(respond: Responder, request: IncomingMessage, tell: (text: string) => void): Answer {
  if (request.method !== "GET" && request.method !== "HEAD") return refusal(405, "only GET");
  const path = pathOf(request.url ?? "");
  if (path === undefined) return refusal(400, "this is no path");
  try {
    return respond(path, request);
  } catch (error) {
    tell(`${path} could not be answered: ${error instanceof Error ? error.message : String(error)}`);
    return refusal(500, "this is a bug in greenleaf");
  }
}

/** Undefined for what is not already in its one plain form: two programs could disagree on what it means. */
export function pathOf(url: string): string | undefined {
  const [path = ""] = url.split("?", 1);
  return URL.parse(path, "http://agent")?.href === `http://agent${path}` ? path : undefined;
}

export const refusal = (status: number, error: string): Answer => ({
  status,
  type: "application/json",
  body: `${JSON.stringify({ error })}\n`,
});

function send(response: ServerResponse, request: IncomingMessage, { status, type, body }: Answer): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
    // A body is not read: it ends with its connection.
    ...(hasBody(request) ? { connection: "close" } : {}),
  });
  response.end(body);
}

const hasBody = ({ headers }: IncomingMessage): boolean =>
  headers["transfer-encoding"] !== undefined || (headers["content-length"] ?? "0") !== "0";

import type { Server as HttpServer, IncomingMessage, ServerResponse } from "node:http";

export type Listener = (request: IncomingMessage, response: ServerResponse) => void;

/** Puts `handle` in front of what answers `server`'s requests now: it answers itself, or calls `next`. */
export function putInFront(
  server: HttpServer,
  handle: (request: IncomingMessage, response: ServerResponse, next: () => void) => void,
): void {
  const [behind, ...others] = server.listeners("request") as Listener[];
  server.removeAllListeners("request");
  server.on("request", (request, response) => handle(request, response, () => behind?.(request, response)));
  for (const other of others) server.on("request", other);
}

import type { Server as HttpServer, ServerResponse } from "node:http";
import { type Friends, isForged } from "./forgery.ts";
import { putInFront } from "./in-front.ts";

/** What holds for every answer and every path, before Medusa looks at the request. */
export function guardRequests(server: HttpServer, friends: Friends): void {
  putInFront(server, (request, response, next) => {
    hideVersion(response);
    const { method = "GET", url = "/", headers } = request;
    if (isForged({ method, url, headers }, friends)) refuse(response);
    else next();
  });
}

/** Express names itself on every answer before anything of ours could stop it. */
function hideVersion(response: ServerResponse): void {
  const set = response.setHeader.bind(response);
  response.setHeader = (name, value) => (name.toLowerCase() === "x-powered-by" ? response : set(name, value));
}

function refuse(response: ServerResponse): void {
  response.writeHead(403, { "content-type": "application/json", "cache-control": "no-store", connection: "close" });
  response.end(JSON.stringify({ type: "not_allowed", message: "A session may only write from pages of this shop." }));
}

import { createServer, type Server, type ServerResponse } from "node:http";
import { UsageError } from "../../../node-agent/src/base/errors.ts";
import type { LabView } from "../lab-view.ts";
import { PAGE_HTML, PAGE_SCRIPT, PAGE_STYLE, pictureHtml } from "./lab-page.ts";

/** A page elsewhere whose name was pointed at 127.0.0.1 reads nothing here. */
const HOSTS = /^(localhost|127\.0\.0\.1)(:\d+)?$/i;
const POLICY =
  "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";
/** Several browsers look at one picture. */
const PICTURE_MS = 250;

const HTML = "text/html; charset=utf-8";
const FIXED: Readonly<Record<string, readonly [type: string, body: string]>> = {
  "/": [HTML, PAGE_HTML],
  "/page.js": ["text/javascript; charset=utf-8", PAGE_SCRIPT],
  "/page.css": ["text/css; charset=utf-8", PAGE_STYLE],
};

/** The lab for a browser of this machine; it can only look. */
export function labPageServer(observe: () => Promise<LabView>): Server {
  let looked = Number.NEGATIVE_INFINITY;
  let picture: Promise<string> = Promise.resolve("");
  const current = () => {
    if (performance.now() - looked > PICTURE_MS) {
      looked = performance.now();
      picture = observe().then(pictureHtml);
    }
    return picture;
  };
  return createServer({ requestTimeout: 5_000, headersTimeout: 5_000 }, (request, response) => {
    if (!HOSTS.test(request.headers.host ?? "")) return send(response, 421, ["text/plain", "ask for localhost\n"]);
    if (request.method !== "GET") return send(response, 405, ["text/plain", "only GET\n"]);
    const path = request.url ?? "";
    const fixed = Object.hasOwn(FIXED, path) ? FIXED[path] : undefined;
    if (fixed !== undefined) return send(response, 200, fixed);
    if (path !== "/picture") return send(response, 404, ["text/plain", "there is /\n"]);
    return void current().then(
      (text) => send(response, 200, [HTML, text]),
      () => send(response, 503, ["text/plain", "the lab cannot be looked at: is it up?\n"]),
    );
  });
}

/** Resolves when it listens on loopback. */
export function listenOnLoopback(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) => reject(cause.code === "EADDRINUSE" ? taken(port) : cause));
    server.listen(port, "127.0.0.1", () => {
      const address = server.address();
      resolve(typeof address === "object" && address !== null ? address.port : port);
    });
  });
}

const taken = (port: number): UsageError =>
  new UsageError(`port ${port} is taken`, {
    code: "usage.lab",
    why: "another program listens on 127.0.0.1 there",
    fix: "give another one: sudo ./greenleaf lab vpc page 8090",
  });

function send(response: ServerResponse, status: number, [type, body]: readonly [string, string]): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "content-security-policy": POLICY,
  });
  response.end(body);
}

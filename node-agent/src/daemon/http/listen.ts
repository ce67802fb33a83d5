import { chmod, mkdir, rename, rm, symlink } from "node:fs/promises";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { RESIDENT_SOCKET } from "../core/resident-node.ts";
import { ConfigurationError, TemporaryError } from "../errors.ts";
import { ANSWERS, type Answers, SOCKET_ANSWERS } from "./answers.ts";
import type { View } from "./view.ts";

/** The folder of the socket is what Caddy mounts, so that a restarted agent's new socket is seen. */
export const SOCKET_PATH = "/run/greenleaf/agent/health.sock";
const SOCKET_LINK = "/run/greenleaf/health.sock";

const LOOPBACK = "127.0.0.1";
/** Names of loopback: a page elsewhere whose name was pointed at 127.0.0.1 reads nothing here. */
const HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

export async function listenOnLoopback(view: View, port: number): Promise<Server> {
  const server = createServer((request, response) => {
    if (!HOSTS.test(request.headers.host ?? "")) return send(response, refusal(421, "ask for localhost"));
    return answer(ANSWERS, view, request, response);
  });
  await listening(server, { port, host: LOOPBACK }, `port ${port}`);
  return server;
}

/** Answers on two sockets: all to this machine's programs, /healthz to Caddy, which mounts the folder of its own. */
export async function listenOnSockets(view: View, path: (nodePath: string) => string): Promise<Server[]> {
  await mkdir(dirname(path(SOCKET_PATH)), { recursive: true, mode: 0o755 });
  await chmod(dirname(path(SOCKET_PATH)), 0o755);
  if (await isAnswered(path(RESIDENT_SOCKET))) throw alreadyServed(RESIDENT_SOCKET);
  const own = await listenOnSocket(ANSWERS, view, path(RESIDENT_SOCKET));
  const forCaddy = await listenOnSocket(SOCKET_ANSWERS, view, path(SOCKET_PATH));
  await linkTo(path(SOCKET_LINK));
  return [own, forCaddy];
}

// Bound under another name and renamed: a request meets the old agent or the new one, never no socket.
// Open to all users, because Caddy runs as its own and loopback is open to all as well.
async function listenOnSocket(answers: Answers, view: View, target: string): Promise<Server> {
  const server = createServer((request, response) => answer(answers, view, request, response));
  const bound = `${target}.${process.pid}`;
  await rm(bound, { force: true });
  await listening(server, { path: bound }, bound);
  await chmod(bound, 0o666);
  await rename(bound, target);
  return server;
}

async function linkTo(link: string): Promise<void> {
  await rm(`${link}.${process.pid}`, { force: true });
  await symlink("agent/health.sock", `${link}.${process.pid}`);
  await rename(`${link}.${process.pid}`, link);
}

function answer(answers: Answers, view: View, request: IncomingMessage, response: ServerResponse): void {
  if (request.method !== "GET" && request.method !== "HEAD") return send(response, refusal(405, "only GET"));
  const path = new URL(request.url ?? "/", "http://agent").pathname;
  const found = Object.hasOwn(answers, path) ? answers[path] : undefined;
  return send(response, found ? found(view) : refusal(404, `there is ${Object.keys(answers).join(", ")}`));
}

const refusal = (status: number, error: string) => ({
  status,
  type: "application/json",
  body: `${JSON.stringify({ error })}\n`,
});

function send(response: ServerResponse, { status, type, body }: { status: number; type: string; body: string }): void {
  response.writeHead(status, {
    "content-type": type,
    "content-length": Buffer.byteLength(body),
    "cache-control": "no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; img-src data:",
  });
  response.end(body);
}

function listening(
  server: Server,
  where: { port: number; host: string } | { path: string },
  name: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(cause.code === "EADDRINUSE" ? taken(name, cause) : cause),
    );
    // What keeps the process is the work of the agent: a server must not outlive it when another cannot listen.
    server.listen(where, () => resolve()).unref();
  });
}

function isAnswered(socket: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socket);
    probe.once("connect", () => resolve(true)).once("error", () => resolve(false));
    probe.once("connect", () => probe.destroy());
  });
}

function alreadyServed(path: string): TemporaryError {
  return new TemporaryError("another resident agent runs here", {
    why: `${path} is answered already`,
    fix: "stop it first: systemctl stop greenleaf-agent",
  });
}

function taken(name: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`the resident agent cannot listen on ${name}`, {
    why: "another program uses it",
    fix: "stop that program, or choose another port: greenleaf-agent serve --port PORT (0 for none)",
    cause,
  });
}

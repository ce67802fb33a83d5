import { chmod, rename, rm, symlink } from "node:fs/promises";
import type { Server } from "node:http";
import { connect } from "node:net";
import { dirname } from "node:path";
import { ConfigurationError, TemporaryError } from "../../base/errors.ts";
import { claimFolder } from "../../base/own-folder.ts";
import { DAEMON_SOCKET, HEALTH_SOCKET, HEALTH_SOCKET_LINK } from "../../base/paths.ts";
import type { View } from "../app/view.ts";
import { ANSWERS, type Answers, SOCKET_ANSWERS } from "./answers.ts";
import { guardedServer, type Responder, refusal } from "./guarded-server.ts";

const LOOPBACK = "127.0.0.1";
/** Names of loopback: a page elsewhere whose name was pointed at 127.0.0.1 reads nothing here. */
const HOSTS = /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i;

export async function listenOnLoopback(view: View, port: number): Promise<Server> {
  const respond = responder(ANSWERS, view);
  const server = guardedServer(
    (path, request) =>
      HOSTS.test(request.headers.host ?? "") ? respond(path, request) : refusal(421, "ask for localhost"),
    (text) => view.warn("loopback", text),
  );
  await listening(server, { port, host: LOOPBACK }, `port ${port}`);
  return server;
}

/** Answers on two sockets: all to this machine's programs, /healthz to Caddy, which mounts the folder of its own. */
export async function listenOnSockets(view: View, path: (nodePath: string) => string): Promise<Server[]> {
  for (const folder of [dirname(DAEMON_SOCKET), dirname(HEALTH_SOCKET)]) await claimFolder(path(folder));
  if (await isAnswered(path(DAEMON_SOCKET))) throw alreadyServed(DAEMON_SOCKET);
  const own = await listenOnSocket(ANSWERS, view, path(DAEMON_SOCKET));
  const forCaddy = await listenOnSocket(SOCKET_ANSWERS, view, path(HEALTH_SOCKET));
  await linkTo(path(HEALTH_SOCKET_LINK));
  return [own, forCaddy];
}

// Bound under another name and renamed: a request meets the old agent or the new one, never no socket.
// Open to all users, because Caddy runs as its own and loopback is open to all as well.
async function listenOnSocket(answers: Answers, view: View, target: string): Promise<Server> {
  const server = guardedServer(responder(answers, view), (text) => view.warn("socket", text));
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

const responder =
  (answers: Answers, view: View): Responder =>
  (path) => {
    const found = Object.hasOwn(answers, path) ? answers[path] : undefined;
    return found ? found(view) : refusal(404, `there is ${Object.keys(answers).join(", ")}`);
  };

function listening(
  server: Server,
  where: { port: number; host: string } | { path: string },
  name: string,
): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", (cause: NodeJS.ErrnoException) =>
      reject(cause.code === "EADDRINUSE" ? taken(name, cause) : cause),
    );
    // An accept that fails, for want of descriptors or memory, is the connection's end and not the agent's.
    server.on("error", () => undefined);
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
  return new TemporaryError("another daemon runs here", {
    code: "daemon.running",
    why: `${path} is answered already`,
    fix: "stop it first: systemctl stop greenleaf-agent",
  });
}

function taken(name: string, cause: unknown): ConfigurationError {
  return new ConfigurationError(`the daemon cannot listen on ${name}`, {
    code: "daemon.port",
    why: "another program uses it",
    fix: "stop that program, or choose another port: greenleaf-agent serve --port PORT (0 for none)",
    cause,
  });
}

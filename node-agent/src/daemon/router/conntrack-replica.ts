import { type ChildProcess, spawn } from "node:child_process";
import { connect, createServer, type Server, type Socket } from "node:net";
import { eachLine, listen } from "../../base/netlink-listeners.ts";
import { STATE_PORT } from "../../core/router/nat/config.ts";
import { FlowTable, type Translated } from "../../core/router/nat/flows/flow-table.ts";

/** A whole copy this often; between two of them the other router tells every flow that becomes established. */
export const SNAPSHOT_MS = 30_000;

/**
 * Gives the flows of a zone to the other router: `snapshot RANGE` is one listing, `events RANGE` never ends.
 * conntrack writes into the connection itself, so that a busy router's flows cost this process nothing.
 */
export function serveFlows(own: string, peer: string): Server {
  const server = createServer((socket) => {
    socket.on("error", () => socket.destroy());
    if (socket.remoteAddress !== peer) return void socket.destroy();
    socket.setTimeout(REQUEST_MS, () => socket.destroy());
    socket.once("data", (line) => guardedAnswer(socket, line.toString().trim()));
  });
  server.maxConnections = MAX_CONNECTIONS;
  // The address may come later than this process; the next try is the caller's.
  server.on("error", () => undefined);
  return server.listen(STATE_PORT, own);
}

/** A request is one line, sent at once. */
const REQUEST_MS = 5_000;
/** A listing and two listeners for each range of a zone, the last ones still closing. */
const MAX_CONNECTIONS = 64;

// A program that cannot be started for want of memory throws here: the other router asks again.
function guardedAnswer(socket: Socket, request: string): void {
  try {
    answer(socket, request);
  } catch {
    socket.destroy();
  }
}

/** The kernel's queue for a listener, where conntrack can enlarge it (1.4.7 cannot: 166 events): what is beyond is not heard. */
export const LISTEN_BYTES = "4194304";
const LISTEN = ["-E", "-e", "UPDATES", "-o", "save", "-b", LISTEN_BYTES];

const RANGE = /^(snapshot|events) (\d+\.\d+\.\d+\.\d+\/\d+)$/;

function answer(socket: Socket, request: string): void {
  const [, verb, range] = RANGE.exec(request) ?? [];
  if (range === undefined) return void socket.destroy();
  socket.pause();
  socket.setTimeout(0);
  const children =
    verb === "snapshot"
      ? [run(socket, ["-L", "-f", "ipv4", "-o", "save", "-s", range])]
      : [
          run(socket, [...LISTEN, "-p", "tcp", "--state", "ESTABLISHED", "-s", range]),
          run(socket, [...LISTEN, "-p", "udp", "-s", range]),
        ];
  if (verb === "events") void tellReady(socket, children);
  const stop = () => children.forEach((child) => child.kill());
  socket.once("close", stop);
  for (const child of children) child.once("close", () => socket.end());
}

function run(socket: Socket, args: readonly string[]): ChildProcess {
  const child = spawn("conntrack", args, { stdio: ["ignore", socket, "ignore"] });
  child.on("error", () => socket.destroy());
  return child;
}

/** Says when every listener hears: a listing that began before would miss what happens between the two. */
async function tellReady(socket: Socket, children: readonly ChildProcess[]): Promise<void> {
  if (await listen(children, () => socket.destroyed)) socket.write(READY);
}

const READY = "ready\n";
/** Keeps the other router's flows of one range, as young as its last event. */
export class ConntrackReplica {
  readonly #peer: string;
  readonly #own: string;
  readonly #range: string;
  readonly #table = new FlowTable();
  #events: Socket | undefined;
  #hasListing = false;
  #work: Promise<void> = Promise.resolve();

  constructor(options: { own: string; peer: string; range: string }) {
    this.#own = options.own;
    this.#peer = options.peer;
    this.#range = options.range;
  }

  /** False while there is no copy, and from the moment its events end. */
  get isComplete(): boolean {
    return this.#hasListing && this.#events?.destroyed === false;
  }

  /** Events first, then the listing: what happens between the two is in both, not in neither. */
  refresh(): Promise<void> {
    // One after the other: two listings of one table would take out each other's flows.
    const next = this.#work.catch(() => undefined).then(() => this.#refresh());
    this.#work = next;
    return next;
  }

  async #refresh(): Promise<void> {
    const events = await this.#listen();
    this.#table.beginListing();
    try {
      await this.#list();
    } catch (error) {
      events.destroy();
      throw error;
    }
    this.#table.endListing();
    this.#hasListing = true;
    this.#events?.destroy();
    this.#events = events;
  }

  /** Lines for `conntrack --load-file`, with answers coming to the address this router translates to. */
  lines(translated: Translated): Iterable<string> {
    return this.#hasListing ? this.#table.lines(translated) : [];
  }

  close(): void {
    this.#events?.destroy();
  }

  async #listen(): Promise<Socket> {
    const socket = await this.#open(`events ${this.#range}`);
    // A router of an earlier version says nothing of being ready: then the listing begins all the same.
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, READY_MS);
      eachLine(socket, (line) => {
        if (line !== READY.trim()) return this.#table.tell(line);
        clearTimeout(timer);
        resolve();
      });
    });
    return socket;
  }

  async #list(): Promise<void> {
    const socket = await this.#open(`snapshot ${this.#range}`);
    eachLine(socket, (line) => this.#table.list(line));
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(5_000, () => socket.destroy(new Error("no flows for 5 s")));
      socket.once("error", reject).once("close", () => resolve());
    });
  }

  #open(request: string): Promise<Socket> {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: this.#peer, port: STATE_PORT, localAddress: this.#own, timeout: 2_000 });
      socket.once("timeout", () => socket.destroy(new Error("no connection in 2 s")));
      socket.once("error", reject);
      socket.once("connect", () => {
        socket.setTimeout(0);
        socket.off("error", reject).on("error", () => undefined);
        socket.write(`${request}\n`);
        resolve(socket);
      });
    });
  }
}

const READY_MS = 2_500;

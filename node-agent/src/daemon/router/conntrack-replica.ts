import { type ChildProcess, spawn } from "node:child_process";
import { createReadStream, createWriteStream, type WriteStream } from "node:fs";
import { mkdir, readdir, readFile, readlink, rename, rm } from "node:fs/promises";
import { connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { STATE_PORT } from "../../core/nat/config.ts";
import { loadable, type Translated } from "../../core/nat/flow-lines.ts";

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
    socket.once("data", (line) => answer(socket, line.toString().trim()));
  });
  // The address may come later than this process; the next try is the caller's.
  server.on("error", () => undefined);
  return server.listen(STATE_PORT, own);
}

/** The kernel's queue for a listener, in bytes: one that overflows ends it. */
const LISTEN = ["-E", "-e", "UPDATES", "-o", "save", "-b", "4194304"];

const RANGE = /^(snapshot|events) (\d+\.\d+\.\d+\.\d+\/\d+)$/;

function answer(socket: Socket, request: string): void {
  const [, verb, range] = RANGE.exec(request) ?? [];
  if (range === undefined) return void socket.destroy();
  socket.pause();
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
  for (let tries = 0; tries < 100 && !socket.destroyed; tries += 1) {
    const hearing = await Promise.all(children.map(({ pid }) => hears(pid)));
    if (hearing.every(Boolean)) return void socket.write(READY);
    await sleep(20);
  }
}

const READY = "ready\n";

/** Whether a process has a netlink socket that belongs to a group of the kernel's events. */
async function hears(pid: number | undefined): Promise<boolean> {
  try {
    const folder = `/proc/${pid}/fd`;
    const links = await Promise.all(
      (await readdir(folder)).map((name) => readlink(join(folder, name)).catch(() => "")),
    );
    const table = await readFile("/proc/net/netlink", "utf8");
    const listening = table
      .split("\n")
      .map((line) => line.trim().split(/\s+/))
      .filter(([, , , groups]) => Number(`0x${groups}`) > 0);
    return listening.some((fields) => links.includes(`socket:[${fields.at(-1)}]`));
  } catch {
    // It has ended; its socket's end tells the other side.
    return false;
  }
}

/** Keeps files with the other router's flows of one range, as young as its last event. */
export class FlowCopy {
  readonly #folder: string;
  readonly #peer: string;
  readonly #own: string;
  readonly #range: string;
  #events: { socket: Socket; file: WriteStream } | undefined;
  #generation = 0;
  #hasSnapshot = false;

  constructor(options: { folder: string; own: string; peer: string; range: string }) {
    this.#folder = join(options.folder, options.range.replace("/", "_"));
    this.#own = options.own;
    this.#peer = options.peer;
    this.#range = options.range;
  }

  /** False while there is no copy, and from the moment its events end. */
  get isComplete(): boolean {
    return this.#hasSnapshot && this.#events?.socket.destroyed === false;
  }

  /** Events first, then the listing: what happens between the two is in both, not in neither. */
  async refresh(): Promise<void> {
    await mkdir(this.#folder, { recursive: true, mode: 0o700 });
    this.#generation += 1;
    const events = await this.#listen();
    const target = join(this.#folder, "snapshot");
    await this.#fetch(`snapshot ${this.#range}`, `${target}.new`);
    await rename(`${target}.new`, target);
    this.#hasSnapshot = true;
    this.#events?.socket.destroy();
    this.#events?.file.end();
    this.#events = events;
    const old = (await readdir(this.#folder)).filter(
      (name) => name.startsWith("events-") && name !== this.#eventsName(),
    );
    await Promise.all(old.map((name) => rm(join(this.#folder, name), { force: true })));
  }

  /** Lines for `conntrack --load-file`, with answers coming to the address this router translates to. */
  async lines(translated: Translated): Promise<string[]> {
    if (!this.#hasSnapshot) return [];
    const events = (await readdir(this.#folder)).filter((name) => name.startsWith("events-")).toSorted();
    const all: string[] = [];
    for (const name of ["snapshot", ...events]) {
      for await (const line of createInterface({ input: createReadStream(join(this.#folder, name)) })) all.push(line);
    }
    return loadable(all, translated);
  }

  close(): void {
    this.#events?.socket.destroy();
  }

  #eventsName(): string {
    return `events-${this.#generation}`;
  }

  async #listen(): Promise<{ socket: Socket; file: WriteStream }> {
    const socket = await this.#open(`events ${this.#range}`);
    const file = createWriteStream(join(this.#folder, this.#eventsName()), { mode: 0o600 });
    socket.pipe(file);
    await heard(socket);
    return { socket, file };
  }

  async #fetch(request: string, path: string): Promise<void> {
    const socket = await this.#open(request);
    const file = createWriteStream(path, { mode: 0o600 });
    await new Promise<void>((resolve, reject) => {
      socket.setTimeout(5_000, () => socket.destroy(new Error("no flows for 5 s")));
      socket.once("error", reject);
      file.once("error", reject).once("close", () => resolve());
      socket.pipe(file);
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

// A router of an earlier version says nothing: then the listing begins all the same.
function heard(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    let text = "";
    const timer = setTimeout(resolve, 2_500);
    socket.on("data", function listen(chunk: Buffer) {
      text = `${text}${chunk.toString()}`.slice(-10_000);
      if (!text.includes(READY)) return;
      socket.off("data", listen);
      clearTimeout(timer);
      resolve();
    });
  });
}

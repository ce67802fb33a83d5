import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { run } from "../../scripts/lab/namespaces.ts";
import { cable, LAB_PREFIX } from "../../scripts/lab/topology.ts";

const PROGRAM = join(import.meta.dirname, "..", "..", "scripts", "greenleaf.ts");
const WAIT_MS = 60_000;

/** How far the picture was behind what it shows. */
export interface Lag {
  readonly what: string;
  readonly ms: number;
}

export interface Watched {
  readonly upMs: number;
  readonly lags: readonly Lag[];
}

/** `./greenleaf lab vpc`, as a person uses it: up, a live status, a router that dies and returns, down. */
export async function watchHandLab(name: string): Promise<Watched> {
  const lab = new HandLab(name);
  try {
    const start = performance.now();
    await lab.command("up");
    const upMs = performance.now() - start;
    const lags = await lab.watched();
    return { upMs, lags };
  } finally {
    await lab.end();
  }
}

class HandLab {
  readonly #name: string;
  #live: ChildProcess | undefined;
  #shown = "";

  constructor(name: string) {
    this.#name = name;
  }

  async command(...argv: readonly string[]): Promise<void> {
    const child = this.#start(argv);
    let said = "";
    for (const stream of [child.stdout, child.stderr]) stream?.on("data", (text: Buffer) => (said += text.toString()));
    const [code] = (await once(child, "close")) as [number | null];
    if (code !== 0) throw new Error(`lab vpc ${argv.join(" ")} ended with ${code}: ${said}`);
  }

  async watched(): Promise<Lag[]> {
    this.#live = this.#start(["status", "live"]);
    this.#live.stdout?.on("data", (text: Buffer) => (this.#shown += text.toString()));
    await this.#shows(/eu-west-3b +10\.0\.11\.0\/24 -> router b\n/);
    const pid = readFileSync(`/run/greenleaf-${this.#name}/router-b.pid`, "utf8");
    const killed = Promise.all([
      this.#lag("a dead agent", () => !existsSync(`/proc/${pid}`), /router b +its agent is dead\n/),
      this.#lag("a route that moved", () => this.#routesTo(0), /eu-west-3b +10\.0\.11\.0\/24 -> router a\n/),
      this.#lag("rules that serve the zone", () => this.#serves(), /eu-west-3a SERVED +eu-west-3b SERVED\n/),
    ]);
    await this.command("break", "router-b-dies");
    const lags = await killed;
    this.#shown = "";
    const returned = this.#lag("a route that came back", () => this.#routesTo(1), /10\.0\.11\.0\/24 -> router b\n/);
    await this.command("break", "router-b-returns");
    return [...lags, await returned];
  }

  async end(): Promise<void> {
    this.#live?.kill("SIGKILL");
    await this.command("down");
  }

  #start(argv: readonly string[]): ChildProcess {
    const env = { ...process.env, GREENLEAF_LAB: this.#name };
    return spawn(process.execPath, [PROGRAM, "lab", "vpc", ...argv], { stdio: ["ignore", "pipe", "pipe"], env });
  }

  // Both are looked for side by side: the picture may be drawn before this program sees the truth.
  async #lag(what: string, isTrue: () => boolean | Promise<boolean>, picture: RegExp): Promise<Lag> {
    const [truth, drawn] = await Promise.all([moment(what, isTrue), this.#shows(picture)]);
    return { what, ms: Math.max(0, drawn - truth) };
  }

  #shows(picture: RegExp): Promise<number> {
    return moment(`the picture to show ${picture}`, () => picture.test(this.#shown));
  }

  async #routesTo(router: 0 | 1): Promise<boolean> {
    const { stdout } = await this.#inside("vpc", "ip", "route", "show", "table", "102");
    return stdout.includes(`dev ${cable.nat(router)} `);
  }

  async #serves(): Promise<boolean> {
    const { stdout } = await this.#inside("r1", "iptables", "-S", "GREENLEAF-FORWARD");
    return stdout.includes("-s 10.0.11.0/24 -j GREENLEAF-OUT");
  }

  #inside(part: string, ...argv: readonly string[]) {
    return run(["ip", "netns", "exec", `${LAB_PREFIX}${this.#name}-${part}`, ...argv]);
  }
}

async function moment(what: string, isSo: () => boolean | Promise<boolean>): Promise<number> {
  const start = performance.now();
  while (performance.now() - start < WAIT_MS) {
    if (await isSo()) return performance.now();
    await sleep(20);
  }
  throw new Error(`waited ${WAIT_MS / 1000} s for ${what}`);
}

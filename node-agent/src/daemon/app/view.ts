import type { EngineSocket } from "../../adapters/docker/engine-socket.ts";
import { AgentError } from "../../base/errors.ts";
import { HISTORY_PATH, STATUS_PATH } from "../../base/paths.ts";
import type { Clock } from "../../base/wait.ts";
import type { Dependency } from "../../core/node/dependencies.ts";
import { type Health, healthOf, type Observation } from "../../core/node/health-verdict.ts";
import type { Counted } from "../../core/node/metrics.ts";
import { RecentTraffic, type TrafficSlice } from "../../core/node/recent-traffic.ts";
import { type HistoryEntry, parseHistory } from "../../core/node/status/history.ts";
import { parseStatus, type Status } from "../../core/node/status/status.ts";
import { type Container, containersOf } from "../../core/stack/containers.ts";
import type { World } from "../../world.ts";

export interface DaemonEvent {
  at: string;
  text: string;
}

/** Entries of the history on the page. */
const SHOWN = 10;

/** Events kept for the page. */
const EVENTS = 50;

export interface ViewOptions {
  readonly role: "app" | "router";
  /** Loops of the daemon that hang, for people. */
  readonly stalled: () => readonly string[];
  /** What the journal should show. */
  readonly tell: ((text: string) => void) | undefined;
}

/** What the daemon knows of its node: refreshed about once a second, read by every answer it gives. */
export class View {
  readonly #clock: Clock;
  #containers: readonly Container[] = [];
  #seen = new Set<string>();
  #optional = new Set<string>();
  #answeredAt: number | undefined;
  #engineError: string | undefined;
  #draining: string | undefined;
  #away: readonly Dependency[] = [];
  #health: string | undefined;
  status: Status | undefined;
  /** Further lines for /metrics; of a router only. */
  routerMetrics = "";
  /** Services that end again and again, with the last lines they printed; no secret among them. */
  crashLoops: ReadonlyArray<{ readonly service: string; readonly lines: string }> = [];
  readonly #counts = new Map<string, Record<Counted, number>>();
  readonly events: DaemonEvent[] = [];
  /** What changed this node, the newest first. */
  history: readonly HistoryEntry[] = [];
  readonly #traffic: RecentTraffic;
  /** That serves: one whose boot runs, or failed, may not. */
  #release: string | undefined;
  #notes = 0;
  #notesSeen = -1;
  readonly startedAt: Date;
  readonly #options: ViewOptions;
  readonly #warned = new Set<string>();

  constructor(clock: Clock, options: ViewOptions) {
    this.#clock = clock;
    this.#options = options;
    this.startedAt = clock.date();
    this.#traffic = new RecentTraffic(this.startedAt.getTime());
  }

  get containers(): readonly Container[] {
    return this.#containers;
  }

  get draining(): string | undefined {
    return this.#draining;
  }

  /** What was counted of each service since this agent started. */
  get counts(): ReadonlyMap<string, Readonly<Record<Counted, number>>> {
    return this.#counts;
  }

  count(service: string, what: Counted): void {
    const counts = this.#counts.get(service) ?? { ends: 0, oomKills: 0, repairs: 0, edits: 0 };
    this.#counts.set(service, { ...counts, [what]: counts[what] + 1 });
  }

  countAnswer(isError: boolean): void {
    this.#traffic.add(this.#clock.date().getTime(), isError, this.#release);
  }

  /** What was answered in the last quarter of an hour; a router answers nobody. */
  traffic(): readonly TrafficSlice[] {
    return this.#options.role === "router" ? [] : this.#traffic.slices(this.#clock.date().getTime());
  }

  drain(why: string): void {
    if (this.#draining !== undefined) return;
    this.#draining = why;
    this.note(`draining: ${why}`);
  }

  /** Dependencies that do not answer now. */
  takeAway(away: readonly Dependency[]): void {
    this.#away = away;
  }

  isNeeded(service: string): boolean {
    return !this.#optional.has(service);
  }

  health(): Health {
    return healthOf(this.observation());
  }

  observation(): Observation {
    return {
      role: this.#options.role,
      stalled: this.#options.stalled(),
      expected: this.expected(),
      containers: this.#containers,
      crashLoops: this.crashLoops.map(({ service }) => service),
      optional: [...this.#optional],
      away: this.#away,
      ...(this.#answeredAt === undefined ? {} : { ageMs: this.#clock.now() - this.#answeredAt }),
      ...(this.#engineError === undefined ? {} : { engineError: this.#engineError }),
      ...(this.#draining === undefined ? {} : { draining: this.#draining }),
      ...(this.status === undefined ? {} : { verdict: this.status.verdict }),
    };
  }

  /** The release's services; a stack that somebody else started is held to every service seen of it. */
  expected(): readonly string[] {
    const services = this.status?.services ?? [];
    return services.length > 0 ? services : [...this.#seen].sort();
  }

  /** Reads the status document and asks the engine; neither failure ends the daemon. */
  async refresh({
    files,
    engine,
    project,
  }: {
    files: World["files"];
    engine: EngineSocket;
    project: string;
  }): Promise<void> {
    await this.#readStatus(files);
    if (this.#options.role === "app") await this.#look(engine, project);
    this.#noteHealth();
    await this.#readHistory(files);
  }

  // Only after something happened: what it led to may have left an entry.
  async #readHistory(files: World["files"]): Promise<void> {
    if (this.#notesSeen === this.#notes) return;
    this.#notesSeen = this.#notes;
    await this.#unlessUnreadable("history", async () => {
      this.history = parseHistory(await files.read(HISTORY_PATH))
        .slice(-SHOWN)
        .toReversed();
    });
  }

  async #readStatus(files: World["files"]): Promise<void> {
    await this.#unlessUnreadable("status", async () => {
      const text = await files.read(STATUS_PATH);
      const status = parseStatus(text);
      if (text === undefined || status !== undefined) this.#takeStatus(status);
      else this.warn("status", `${STATUS_PATH} is no status document of this version and counts for nothing`);
    });
  }

  // What cannot be read, or is of another version, changes nothing of what was read before.
  async #unlessUnreadable(subject: string, read: () => Promise<void>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      this.warn(subject, `${error.message}: ${error.why}`);
    }
  }

  async #look(engine: EngineSocket, project: string): Promise<void> {
    try {
      this.#takeContainers(containersOf(await engine.containers(project)));
      this.#answeredAt = this.#clock.now();
      this.#engineError = undefined;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      this.#engineError = error.why;
    }
  }

  note(text: string): void {
    this.events.unshift({ at: this.#clock.date().toISOString(), text });
    this.events.length = Math.min(this.events.length, EVENTS);
    this.#notes += 1;
  }

  /** What others send wrongly is told once a subject, on stderr too: a stranger must not fill the log. */
  warn(subject: string, text: string): void {
    if (this.#warned.has(subject)) return;
    this.#warned.add(subject);
    this.note(text);
    this.#options.tell?.(text);
  }

  #takeStatus(status: Status | undefined): void {
    if (status?.verdict !== this.status?.verdict && status) this.note(`boot: ${status.verdict}`);
    this.status = status;
    if (status?.verdict === "ready" || status?.verdict === "degraded") this.#release = status.release;
  }

  #takeContainers(containers: readonly Container[]): void {
    const before = new Map(this.#containers.map((container) => [container.name, container.health]));
    for (const { name, health, service, isOptional } of containers) {
      if (isOptional) this.#optional.add(service);
      else this.#optional.delete(service);
      if (before.get(name) !== health) this.note(`${name}: ${before.get(name) ?? "new"}, now ${health}`);
      before.delete(name);
      this.#seen.add(service);
    }
    for (const name of before.keys()) this.note(`${name}: gone`);
    this.#containers = containers;
  }

  #noteHealth(): void {
    const health = this.health();
    const text = health.status === "ok" ? "healthy" : `${health.status}: ${health.reason}`;
    if (text !== this.#health) this.note(text);
    this.#health = text;
  }
}

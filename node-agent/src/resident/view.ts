import type { EngineSocket } from "../adapters/engine-socket.ts";
import { type Container, containersOf } from "../core/containers.ts";
import { type Health, healthOf, type Observation } from "../core/health-verdict.ts";
import type { Clock } from "../core/retry.ts";
import { parseStatus, STATUS_PATH, type Status } from "../core/status.ts";
import { AgentError } from "../errors.ts";
import type { World } from "../world.ts";

export interface ResidentEvent {
  at: string;
  text: string;
}

/** Events kept for the page. */
const EVENTS = 50;

/** What the resident agent knows of its node: refreshed about once a second, read by every answer it gives. */
export class View {
  readonly #clock: Clock;
  readonly #role: "app" | "router";
  #containers: readonly Container[] = [];
  #seen = new Set<string>();
  #answeredAt: number | undefined;
  #engineError: string | undefined;
  #draining: string | undefined;
  #health: string | undefined;
  status: Status | undefined;
  /** Further lines for /metrics; of a router only. */
  routerMetrics = "";
  readonly events: ResidentEvent[] = [];
  readonly startedAt: Date;

  constructor(clock: Clock, role: "app" | "router") {
    this.#clock = clock;
    this.#role = role;
    this.startedAt = clock.date();
  }

  get containers(): readonly Container[] {
    return this.#containers;
  }

  get draining(): string | undefined {
    return this.#draining;
  }

  drain(why: string): void {
    if (this.#draining !== undefined) return;
    this.#draining = why;
    this.note(`draining: ${why}`);
  }

  health(): Health {
    return healthOf(this.observation());
  }

  observation(): Observation {
    return {
      role: this.#role,
      expected: this.expected(),
      containers: this.#containers,
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

  /** Reads the status document and asks the engine; neither failure ends the resident agent. */
  async refresh({
    files,
    engine,
    project,
  }: {
    files: World["files"];
    engine: EngineSocket;
    project: string;
  }): Promise<void> {
    this.#takeStatus(parseStatus(await files.read(STATUS_PATH)));
    if (this.#role === "app") await this.#look(engine, project);
    this.#noteHealth();
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
  }

  #takeStatus(status: Status | undefined): void {
    if (status?.verdict !== this.status?.verdict && status) this.note(`boot: ${status.verdict}`);
    this.status = status;
  }

  #takeContainers(containers: readonly Container[]): void {
    const before = new Map(this.#containers.map((container) => [container.name, container.health]));
    for (const { name, health, service } of containers) {
      if (before.get(name) !== health) this.note(`${name}: ${before.get(name) ?? "new"}, now ${health}`);
      before.delete(name);
      this.#seen.add(service);
    }
    for (const name of before.keys()) this.note(`${name}: gone`);
    this.#containers = containers;
  }

  #noteHealth(): void {
    const health = this.health();
    const text = health.status === "ok" ? "healthy" : `unhealthy: ${health.reason}`;
    if (text !== this.#health) this.note(text);
    this.#health = text;
  }
}

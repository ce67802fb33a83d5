import type { EngineEvent } from "../../adapters/docker/engine-socket.ts";
import { MAINTENANCE_PATH } from "../../base/paths.ts";
import {
  ailingServices,
  isCrashLoop,
  nextTryMs,
  reasonToWait,
  recentEnds,
  type Tries,
  triedAgain,
} from "../../core/node/repair.ts";
import type { World } from "../../world.ts";
import { logAgentError } from "../part.ts";
import type { View } from "./view.ts";

/** Somebody who recreates a container (`docker compose up`) has made the new one before the old one stops. */
const BEING_MADE_MS = 15_000;

/** What one run of `greenleaf-agent repair --json` printed; undefined when a boot or deploy held the lock. */
export interface RepairReport {
  readonly operations: ReadonlyArray<{ readonly name: string; readonly why: string }>;
  /** Last lines of the services' containers, without what is secret. */
  readonly lines: Readonly<Record<string, string>>;
  readonly error?: string;
}

/** A process of its own, for the plan's libraries would cost the daemon its memory. */
export type RunRepair = (services: readonly string[]) => Promise<RepairReport | undefined>;

export interface RepairNeeds {
  readonly world: Pick<World, "clock" | "files">;
  readonly view: View;
  readonly run: RunRepair;
  /** What came of a repair is looked at without delay. */
  readonly look: () => void;
}

/** Brings back what of the release does not run: decides when, and leaves how to the plan. */
export class Repairs {
  readonly #needs: RepairNeeds;
  readonly #tries = new Map<string, Tries>();
  readonly #ends = new Map<string, number[]>();
  readonly #lines = new Map<string, string>();
  /** Services to look at closely though they seem to run. */
  readonly #suspects = new Set<string>();
  /** What stands still and is right so (a job that ended well), as it was found. */
  readonly #content = new Map<string, string>();
  /** Since when a service has a container that was made and not started. */
  readonly #madeSince = new Map<string, number>();
  #underWay: Promise<void> | undefined;
  #waits: string | undefined;

  constructor(needs: RepairNeeds) {
    this.#needs = needs;
  }

  heard({ action, service }: EngineEvent): void {
    const { view, look } = this.#needs;
    look();
    // What a boot or a drain does to containers is no fault of theirs; a boot watches what it starts itself.
    if (view.status?.verdict === "booting" || view.draining !== undefined) return;
    if (action === "oom") {
      view.count(service, "oomKills");
      view.note(`${service}: out of memory, the kernel ended a process of it`);
    }
    if (action === "update" && this.#underWay === undefined) {
      view.count(service, "edits");
      this.#suspects.add(service);
    }
    if (action === "die") this.#ended(service);
  }

  /** After every look: begins a repair where one is due. One at a time, and never waited for. */
  async consider(): Promise<void> {
    const { world, view } = this.#needs;
    this.#tellLoops();
    const ailing = ailingServices(view.expected(), view.containers).filter(
      (service) => this.#content.get(service) !== this.#found(service),
    );
    const wanted = [...new Set([...ailing, ...this.#suspects])];
    const now = world.clock.now();
    const due = wanted.filter(
      (service) => now >= nextTryMs(this.#tries.get(service)) && !this.#isBeingMade(service, now),
    );
    if (due.length === 0 || this.#underWay !== undefined || view.observation().engineError !== undefined) return;
    if (await this.#mustWait()) return;
    this.#underWay = this.#repair(due).finally(() => (this.#underWay = undefined));
  }

  /** The repair under way, if any, is over. */
  async settled(): Promise<void> {
    await this.#underWay;
  }

  async #mustWait(): Promise<boolean> {
    const { world, view } = this.#needs;
    const maintenance = await logAgentError(view, () => world.files.read(MAINTENANCE_PATH));
    const why = reasonToWait({ status: view.status, draining: view.draining, maintenance });
    if (why !== this.#waits && why !== undefined) view.note(`nothing is repaired: ${why}`);
    this.#waits = why;
    return why !== undefined;
  }

  async #repair(services: readonly string[]): Promise<void> {
    const { world, view, run, look } = this.#needs;
    const now = world.clock.now();
    for (const service of services) this.#tries.set(service, triedAgain(this.#tries.get(service), now));
    const found = new Map(services.map((service) => [service, this.#found(service)]));
    const report = await logAgentError(view, () => run(services));
    if (report === undefined) return;
    const isIdle = report.operations.length === 0 && report.error === undefined;
    for (const service of services) {
      this.#suspects.delete(service);
      if (isIdle) this.#content.set(service, found.get(service) ?? "");
      this.#lines.set(service, report.lines[service] ?? "");
      if (report.operations.length > 0) view.count(service, "repairs");
    }
    for (const { name, why } of report.operations) view.note(`repair: ${name} (${why})`);
    if (report.error !== undefined) view.note(`repair failed: ${report.error}`);
    this.#tellLoops();
    look();
  }

  /** Two who make a container at once undo each other's work. */
  #isBeingMade(service: string, now: number): boolean {
    const { containers } = this.#needs.view;
    if (!containers.some((container) => container.service === service && container.state === "created")) {
      this.#madeSince.delete(service);
      return false;
    }
    const since = this.#madeSince.get(service) ?? now;
    this.#madeSince.set(service, since);
    return now - since < BEING_MADE_MS;
  }

  #found(service: string): string {
    const own = this.#needs.view.containers.filter((container) => container.service === service);
    return own.map(({ id, state }) => `${id} ${state}`).join(", ");
  }

  #ended(service: string): void {
    const { world, view } = this.#needs;
    const now = world.clock.now();
    const before = this.#ends.get(service) ?? [];
    const ends = [...recentEnds(before, now), now];
    this.#ends.set(service, ends);
    view.count(service, "ends");
    // Once at its beginning: a repair reads what it printed.
    if (isCrashLoop(ends, now) && !isCrashLoop(before, now)) {
      view.note(`${service} ends again and again: ${ends.length} times in ten minutes`);
      this.#suspects.add(service);
    }
  }

  #tellLoops(): void {
    const { world, view } = this.#needs;
    const now = world.clock.now();
    const looping = [...this.#ends].filter(([, ends]) => isCrashLoop(ends, now));
    view.crashLoops = looping.map(([service]) => ({ service, lines: this.#lines.get(service) ?? "" }));
  }
}

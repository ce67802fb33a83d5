import type { Ec2 } from "../../../node-agent/src/adapters/aws/ec2.ts";
import { TemporaryError } from "../../../node-agent/src/base/errors.ts";
import type { LeaseRecord, LeaseStore } from "../../../node-agent/src/core/router/failover/lease.ts";

export type Index = 0 | 1;

export const other = (index: Index): Index => (index === 0 ? 1 : 0);

/** Milliseconds of one step of the simulation. */
export const STEP_MS = 50;

interface Timer {
  readonly at: number;
  readonly owner: Index;
  readonly fire: () => void;
}

export interface Write {
  readonly at: number;
  readonly zone: Index;
  readonly holder: string;
  readonly before: string | undefined;
}

/** AWS and the network between two routers: the lease store, routes and addresses, what is cut, and the true time. */
export class Region {
  now = 0;
  readonly cuts = {
    link: false,
    /** The APIs of AWS. */
    calls: [false, false] as [boolean, boolean],
    internet: [false, false] as [boolean, boolean],
    /** Most of the probes' targets are dead, for both. */
    targets: false,
  };
  /** A process that does nothing until then: a collector, a busy hypervisor. */
  readonly stalledUntil: [number, number] = [0, 0];
  /** Whom each zone's route names. */
  readonly routes: [Index, Index] = [0, 1];
  /** Who carries each zone's public address. */
  readonly addresses: [Index, Index] = [0, 1];
  readonly writes: Write[] = [];
  readonly moves: Array<{ at: number; zone: Index; to: Index; holder: string | undefined; by: Index }> = [];
  readonly random: () => number;
  readonly #records = new Map<Index, LeaseRecord>();
  #timers: Timer[] = [];

  constructor(seed: number) {
    let state = seed;
    this.random = () => (state = (state * 1_103_515_245 + 12_345) % 2_147_483_648) / 2_147_483_648;
  }

  /** Ends after so many true milliseconds, later where its owner's process stands still then. */
  after(owner: Index, ms: number): Promise<void> {
    return new Promise((fire) => this.#timers.push({ at: this.now + ms, owner, fire }));
  }

  isStalled(index: Index): boolean {
    return this.stalledUntil[index] > this.now;
  }

  /** Everything that is due, and what it sets going at once. */
  async step(): Promise<void> {
    this.now += STEP_MS;
    const isDue = ({ at, owner }: Timer) => at <= this.now && !this.isStalled(owner);
    const due = this.#timers.filter(isDue).toSorted((a, b) => a.at - b.at);
    this.#timers = this.#timers.filter((timer) => !due.includes(timer));
    for (const { fire } of due) fire();
    await settled();
  }

  holder(zone: Index): string | undefined {
    return this.#records.get(zone)?.holder;
  }

  /** A call of AWS: what it does happens on the way, and its answer may be lost after that. */
  async #call<T>(by: Index, act: () => T): Promise<T> {
    const way = () => this.after(by, this.random() * 400);
    await way();
    this.#refuse(by);
    const answer = act();
    await way();
    this.#refuse(by);
    return answer;
  }

  #refuse(by: Index): void {
    if (this.cuts.calls[by])
      throw new TemporaryError("AWS gives no answer", { code: "engine.away", why: "it is cut off", fix: "wait" });
  }

  store(by: Index): LeaseStore {
    const zoneOf = (name: string): Index => (name === "zone-0" ? 0 : 1);
    return {
      read: (name) => this.#call(by, () => this.#records.get(zoneOf(name))),
      write: (name, next, expected) =>
        this.#call(by, () => {
          const zone = zoneOf(name);
          const before = this.#records.get(zone);
          if (before?.version !== expected?.version) return false;
          this.#records.set(zone, next);
          this.writes.push({ at: this.now, zone, holder: next.holder, before: before?.holder });
          return true;
        }),
    };
  }

  ec2(by: Index): Ec2 {
    const indexOf = (name: string): Index => (name.endsWith("0") ? 0 : 1);
    const unused = () => Promise.reject(new Error("a pair makes no such call"));
    return {
      routeOwner: (table) => this.#call(by, () => `eni-${this.routes[indexOf(table)]}`),
      replaceRoute: (table, to) =>
        this.#call(by, () => {
          const zone = indexOf(table);
          if (this.routes[zone] === indexOf(to)) return;
          this.moves.push({ at: this.now, zone, to: indexOf(to), holder: this.holder(zone), by });
          this.routes[zone] = indexOf(to);
        }),
      associateAddress: (allocation, to) =>
        this.#call(by, () => {
          this.addresses[indexOf(allocation)] = indexOf(to);
        }),
      assignPrivateAddress: () => this.#call(by, () => undefined),
      attachInterface: unused,
      disableSourceCheck: unused,
    };
  }
}

/** What promises set going is done when this ends. */
const settled = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

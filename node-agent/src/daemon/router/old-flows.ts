import type { Conntrack } from "../../adapters/kernel/conntrack.ts";
import type { RouterZone } from "../../core/router/document.ts";
import type { Heartbeat } from "../../core/router/failover/decision.ts";
import type { RouterState } from "../../core/router/nat/config.ts";
import type { ConntrackReplica } from "./conntrack-replica.ts";
import type { Side } from "./zone-leases.ts";

interface OldFlowsParts {
  readonly conntrack: Conntrack;
  readonly zones: Readonly<Record<Side, RouterZone>>;
  /** The other router's flows of a zone, which are copied before this kernel's own go. */
  readonly copies: ReadonlyMap<string, readonly ConntrackReplica[]>;
  tell(text: string): void;
}

const THERE = { home: "peer", peer: "home" } as const;
/** After the other router's flows could not be copied. */
const AGAIN_MS = 2_000;

/**
 * An entry that lived through a time in which the other router served its flow holds the sequence numbers of before:
 * every packet would be out of its window, and loading replaces no entry. So a zone's entries go as soon as the other
 * router says that it serves the zone and this one does not.
 */
export class OldFlows {
  readonly #parts: OldFlowsParts;
  readonly #mayBeOld: Record<Side, boolean> = { home: true, peer: true };
  #waitUntil = 0;
  #work: Promise<void> = Promise.resolve();

  constructor(parts: OldFlowsParts) {
    this.#parts = parts;
  }

  /** Ends when nothing is being forgotten any more. */
  get settled(): Promise<void> {
    return this.#work;
  }

  /** Called several times a second; `heartbeat` is one that was heard just now. */
  look(now: number, serves: () => RouterState["serves"], heartbeat: Heartbeat | undefined): void {
    for (const side of ["home", "peer"] as const) {
      if (serves()[side]) this.#mayBeOld[side] = true;
      else if (this.#mayBeOld[side] && heartbeat?.serves[THERE[side]] === true && now >= this.#waitUntil)
        this.#begin(side, now, () => serves()[side]);
    }
  }

  /** At once, for a zone that is about to be served again. */
  async forget(side: Side): Promise<void> {
    await this.#parts.conntrack.forget(this.#parts.zones[side].sources);
  }

  #begin(side: Side, now: number, isServed: () => boolean): void {
    const { zones, copies } = this.#parts;
    this.#mayBeOld[side] = false;
    const copied = side === "home" ? [] : (copies.get(zones[side].name) ?? []);
    const work = async () => {
      for (const copy of copied) await copy.refresh();
      if (!isServed()) await this.forget(side);
    };
    this.#work = this.#work.then(work).catch((error: unknown) => {
      this.#mayBeOld[side] = true;
      this.#waitUntil = now + AGAIN_MS;
      this.#parts.tell(
        `${zones[side].name}: old flows stay for now: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }
}

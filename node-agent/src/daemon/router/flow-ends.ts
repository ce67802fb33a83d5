import { type ChildProcess, spawn } from "node:child_process";
import type { Conntrack } from "../../adapters/kernel/conntrack.ts";
import { AgentError } from "../../base/errors.ts";
import { eachLine, listen } from "../../base/netlink-listeners.ts";
import type { RouterDocument } from "../../core/router/document.ts";
import { endedFlow, expiredElements, lateTable } from "../../core/router/nat/flows/late-flows.ts";
import { TalkerCount, type Talkers } from "../../core/router/nat/flows/talkers.ts";
import type { World } from "../../world.ts";
import { every, pause } from "../every.ts";
import { LISTEN_BYTES } from "./conntrack-replica.ts";
import { DeletedFlows } from "./deleted-flows.ts";
import type { NatReconciler } from "./nat-reconciler.ts";

interface FlowEndsParts {
  readonly world: World;
  readonly router: RouterDocument;
  readonly reconciler: NatReconciler;
  warn(text: string): void;
}

const LISTEN = ["-E", "-e", "DESTROY", "-f", "ipv4", "-o", "save", "-b", LISTEN_BYTES];
/** Expired flows told in one go, and as many as wait for it: a table may expire at once. */
const PART = 1_000;
const MOST = 16_384;
/** After an own deletion, for what the kernel told of it until then. */
const OWN_MS = 5_000;
/** Between a deletion that is heard and others that are not. */
const TOGETHER_MS = 5_000;
const AGAIN_MS = 5_000;
/** A machine without nft may get it. */
const WITHOUT_MS = 60_000;
const LISTING_MS = 10_000;

/**
 * Follows the ends of this kernel's flows. Those that expired are told to the table of late flows, which has their next
 * packet answered with a reset. Those that another program deleted are put back: a server that sends must not wait for
 * its client to speak. While it hears nothing, every late packet is answered with a reset, as without it.
 */
export class FlowEnds {
  readonly #parts: FlowEndsParts;
  readonly #deleted: DeletedFlows;
  #expired: string[] = [];
  #isDeleted = false;
  #deletedAt = Number.NEGATIVE_INFINITY;
  #overflownAt = Number.NEGATIVE_INFINITY;
  #forgetting = 0;
  #forgotAt = Number.NEGATIVE_INFINITY;
  /** Flows put back since the start, those among them that were there still. */
  restored = 0;
  /** Of the last listing. */
  talkers: Talkers = { clients: [], destinations: [], refused: [] };

  constructor(parts: FlowEndsParts) {
    this.#parts = parts;
    this.#deleted = new DeletedFlows(parts.router);
  }

  get #sources(): readonly string[] {
    return this.#parts.router.zones.flatMap(({ sources }) => sources);
  }

  /** Deletions through this one are this router's own, and stay. */
  get conntrack(): Conntrack {
    const { world } = this.#parts;
    const forget = async (sources: readonly string[]) => {
      this.#forgetting += 1;
      try {
        await world.conntrack.forget(sources);
      } finally {
        this.#forgetting -= 1;
        this.#forgotAt = world.clock.now();
      }
    };
    return { ...world.conntrack, forget };
  }

  /** Never ends before the signal; what it cannot have it asks for again. */
  async follow(signal: AbortSignal): Promise<void> {
    const { world, reconciler } = this.#parts;
    await every(AGAIN_MS, signal, async () => {
      if ((await world.lateFlows.stands()) === undefined) return pause(WITHOUT_MS, signal);
      await this.#try(() => this.#listen(signal));
      if (signal.aborted || reconciler.state.judgesLateFlows !== true) return;
      await this.#try(() => reconciler.setState({ judgesLateFlows: false }));
    });
  }

  /** Called several times a second. */
  async tell(): Promise<void> {
    const { world, reconciler } = this.#parts;
    const expired = this.#expired.splice(0, PART);
    if (expired.length > 0) await world.lateFlows.tell(expiredElements(expired));
    if (!this.#isDeleted) return;
    this.#isDeleted = false;
    this.restored += await world.conntrack.load(this.#deleted.take(reconciler.state));
  }

  /** Called now and then. */
  async list(signal: AbortSignal): Promise<void> {
    const count = new TalkerCount();
    const deletedAt = this.#deletedAt;
    this.#deleted.beginListing();
    for (const source of this.#sources) {
      const argv = ["-L", "-f", "ipv4", "-o", "save", "-s", source];
      await linesOf(argv, AbortSignal.any([signal, AbortSignal.timeout(LISTING_MS)]), {
        take: (line) => {
          this.#deleted.list(line);
          count.add(line);
        },
      });
    }
    // What was deleted meanwhile is in no listing, and to be put back.
    if (deletedAt === this.#deletedAt && !this.#isDeleted) this.#deleted.endListing();
    this.talkers = count.talkers();
  }

  /** A line of the kernel's events. */
  hear(line: string): void {
    const end = endedFlow(line);
    if (end === undefined) return;
    if (end.kind === "expired") {
      if (this.#expired.length < MOST) this.#expired.push(end.element);
      return;
    }
    if (this.#isOwn()) return;
    const by = end.by === undefined ? "" : ` by ${end.by}`;
    this.#parts.warn(`router: entries of running flows were deleted${by}; they are put back`);
    this.#isDeleted = true;
    this.#deletedAt = this.#parts.world.clock.now();
    this.#deleted.hear(end.address, end.line);
    this.#missWhereBoth();
  }

  /** The kernel had more to tell than its queue holds. */
  overflow(): void {
    this.#overflownAt = this.#parts.world.clock.now();
    this.#missWhereBoth();
  }

  // A busy zone's ends alone fill the queue as well, and nothing is to be put back for that.
  #missWhereBoth(): void {
    if (Math.abs(this.#deletedAt - this.#overflownAt) > TOGETHER_MS) return;
    this.#isDeleted = true;
    this.#deleted.miss();
  }

  #isOwn(): boolean {
    return this.#forgetting > 0 || this.#parts.world.clock.now() - this.#forgotAt < OWN_MS;
  }

  async #try(act: () => Promise<void>): Promise<void> {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      this.#parts.warn(`router: idle flows are not told from lost ones: ${error.message}: ${error.why}`);
    }
  }

  async #listen(signal: AbortSignal): Promise<void> {
    const { world, reconciler } = this.#parts;
    const failed = new AbortController();
    const began = async (child: ChildProcess) => {
      if (!(await listen([child], () => signal.aborted))) return failed.abort();
      await world.lateFlows.put(lateTable(this.#sources));
      await reconciler.setState({ judgesLateFlows: true });
    };
    const either = AbortSignal.any([signal, failed.signal]);
    const reader = { take: (line: string) => this.hear(line), began, overflow: () => this.overflow() };
    await linesOf(LISTEN, either, reader).finally(() => failed.abort());
  }
}

interface Reader {
  readonly take: (line: string) => void;
  readonly began?: (child: ChildProcess) => Promise<void>;
  readonly overflow?: () => void;
}

/** Runs conntrack until it ends or the signal comes; a program that cannot be started has ended as well. */
async function linesOf(argv: readonly string[], signal: AbortSignal, { take, began, overflow }: Reader): Promise<void> {
  const child = spawn("conntrack", argv, { stdio: ["ignore", "pipe", "pipe"] });
  const stop = () => void child.kill();
  signal.addEventListener("abort", stop);
  child.on("error", () => undefined);
  const closed = new Promise<void>((resolve) => child.once("close", () => resolve()));
  eachLine(child.stdout, take);
  eachLine(child.stderr, (line) => line.includes("ENOBUFS") && overflow?.());
  try {
    await began?.(child);
    await closed;
  } finally {
    stop();
    signal.removeEventListener("abort", stop);
  }
}

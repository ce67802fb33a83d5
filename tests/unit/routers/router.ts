import type { RouterDocument, RouterZone } from "../../../node-agent/src/core/router/document.ts";
import type { Heartbeat } from "../../../node-agent/src/core/router/failover/decision.ts";
import type { RouterState } from "../../../node-agent/src/core/router/nat/config.ts";
import { FailoverController } from "../../../node-agent/src/daemon/router/failover-controller.ts";
import type { HeartbeatLink } from "../../../node-agent/src/daemon/router/heartbeat.ts";
import type { NatReconciler } from "../../../node-agent/src/daemon/router/nat-reconciler.ts";
import { PathProber } from "../../../node-agent/src/daemon/router/path-prober.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { type Index, other, type Region } from "./region.ts";

const zoneOf = (index: Index): RouterZone => ({
  name: `zone-${index}`,
  sources: [`10.0.${index}.0/24`],
  interface: `eni-${index}`,
  address: `10.0.9.${index + 4}/24`,
  standby: `10.0.9.${index + 14}`,
  allocation: `eipalloc-${index}`,
  routeTable: `rtb-${index}`,
});

export interface RouterOptions {
  /** How fast its clock runs: 1 is the true time. */
  readonly rate?: number;
  readonly serves?: RouterState["serves"];
  /** Whether it could read the key of its environment's heartbeats. */
  readonly hasKey?: boolean;
  /** In place of the time that grows with every failover. */
  readonly stableMs?: number;
}

/**
 * One router as it is built in router.ts, with its real failover, leases and paths. What stands for the kernel's rules, for
 * UDP and for AWS is here and in the region; its clock begins somewhere else than the true one and runs at its own rate.
 */
export class Router {
  readonly index: Index;
  readonly failover: FailoverController;
  readonly notes: string[] = [];
  /** When its rules last ceased to serve the other's zone, in true time. */
  stoppedAt: number | undefined;
  readonly #region: Region;
  readonly #rate: number;
  readonly #skew: number;
  readonly #own: PathProber;
  readonly #through: PathProber;
  #state: RouterState;
  #heard: { heartbeat: Heartbeat; at: number } | undefined;
  #ownAt: number;
  #throughAt: number;
  #ownersAt: number;

  constructor(
    index: Index,
    region: Region,
    { rate = 1, serves = { home: true, peer: false }, stableMs, hasKey = true }: RouterOptions = {},
  ) {
    this.index = index;
    this.#region = region;
    this.#rate = rate;
    this.#skew = region.random() * 1e6;
    this.#state = { serves, rejectLateFlows: true };
    this.#ownAt = region.random() * 300;
    this.#throughAt = region.random() * 1_000;
    this.#ownersAt = region.random() * 10_000;
    const world = this.#world();
    const [home, peer] = [zoneOf(index), zoneOf(other(index))];
    this.#own = new PathProber(world, "own", () => ["outside"]);
    this.#through = new PathProber(
      world,
      "through",
      () => ["outside"],
      () => this.#own.goodAt,
    );
    this.#own.onDoubt(() => this.#through.forget());
    const parts = { world, id: `r${index}`, place: { region: "here" }, copies: new Map() };
    const router: RouterDocument = { vpc: ["10.0.0.0/16"], zones: [home, peer], lease: "dynamodb:leases" };
    const paths = {
      keys: { areKnown: hasKey },
      own: this.#own,
      through: this.#through,
      heartbeat: this.#heartbeat(),
      reconciler: this.#reconciler(),
    };
    const note = (text: string) => void this.notes.push(text);
    this.failover = new FailoverController(
      { ...parts, router, ...paths, note, ...(stableMs === undefined ? {} : { stableMs }) },
      home,
      peer,
    );
  }

  get serves(): RouterState["serves"] {
    return this.#state.serves;
  }

  get #clock(): number {
    return this.#skew + this.#region.now * this.#rate;
  }

  hear(heartbeat: Heartbeat): void {
    this.#heard = { heartbeat, at: this.#clock };
  }

  /** Rounds as seldom and as often as router.ts has them. */
  probe(): void {
    const { now } = this.#region;
    const silentMs = this.#heard === undefined ? 0 : this.#clock - this.#heard.at;
    const isFalling = (silentMs > 250 && silentMs < 5_000) || this.failover.isWorried;
    if (now >= this.#ownAt) {
      void this.#own.round(200);
      this.#ownAt = now + (isFalling || this.#own.isInDoubt ? 50 : 300);
    }
    if (now >= this.#throughAt) {
      void this.#through.round(200);
      this.#throughAt = now + (isFalling || this.#through.isInDoubt ? 150 : 1_000);
    }
    if (now < this.#ownersAt) return;
    this.#ownersAt = now + 10_000;
    this.failover.readOwners().catch(() => undefined);
  }

  #heartbeat(): HeartbeatLink {
    const heard = () => this.#heard;
    return {
      get last() {
        return heard()?.heartbeat;
      },
      msSinceHeartbeat: (now: number) => (this.#heard === undefined ? undefined : now - this.#heard.at),
    } as unknown as HeartbeatLink;
  }

  /** Rules change in one restore, that takes a moment. */
  #reconciler(): NatReconciler {
    const state = () => this.#state;
    return {
      get state() {
        return state();
      },
      setState: async (change: Partial<RouterState>) => {
        await this.#region.after(this.index, this.#region.random() * 100);
        const served = this.#state.serves.peer;
        this.#state = { ...this.#state, ...change };
        if (served && !this.#state.serves.peer) this.stoppedAt = this.#region.now;
      },
    } as unknown as NatReconciler;
  }

  #world(): World {
    const region = this.#region;
    const { index } = this;
    return {
      clock: {
        now: () => this.#clock,
        date: () => new Date(0),
        sleep: (ms: number) => region.after(index, ms / this.#rate),
        alarm: (ms: number, ring: () => void) => {
          let isWanted = true;
          void region.after(index, ms / this.#rate).then(() => (isWanted ? ring() : undefined));
          return () => (isWanted = false);
        },
      },
      ec2: () => region.ec2(index),
      leases: () => region.store(index),
      conntrack: { load: async () => 0, forget: async () => undefined },
      probe: async (target: string, source: string, timeoutMs: number) => {
        const isGood = source === "own" ? this.#isOpen() : this.#isOpenThrough();
        await region.after(index, isGood ? 20 : timeoutMs);
        return { target, ms: 20, ...(isGood ? {} : { error: "no answer" }) };
      },
    } as unknown as World;
  }

  // Without its zone it asks the other router alone, as router.ts has it.
  #isOpen(): boolean {
    const { cuts, addresses } = this.#region;
    if (!this.serves.home) return !cuts.link;
    return !cuts.internet[this.index] && !cuts.targets && addresses[this.index] === this.index;
  }

  #isOpenThrough(): boolean {
    const { cuts, addresses } = this.#region;
    const there = other(this.index);
    return !cuts.link && !cuts.internet[there] && !cuts.targets && addresses[there] === there;
  }
}

/** Beats, probes and decisions of one step; a process that stands still does nothing, and hears what came afterwards. */
export async function pass(region: Region, routers: readonly [Router, Router]): Promise<void> {
  await region.step();
  const awake = routers.filter(({ index }) => !region.isStalled(index));
  for (const each of awake) each.probe();
  if (region.now % 100 !== 0) return;
  for (const each of awake) if (!region.cuts.link) routers[other(each.index)].hear(each.failover.heartbeat());
  for (const each of awake) each.failover.tick();
}

import { HOME_ONLY, natConfig, type RouterState } from "../../core/nat/config.ts";
import { STATE_PATH } from "../../core/nat/persistence.ts";
import { planNat } from "../../core/nat/plan.ts";
import { ownTables } from "../../core/nat/rules.ts";
import { planRules } from "../../core/nat/rules-plan.ts";
import { parseSaved } from "../../core/nat/saved.ts";
import type { RouterDocument } from "../../core/router-document.ts";
import { AgentError } from "../../errors.ts";
import { execute, observe, readState } from "../../phases/nat.ts";
import { withNatLock } from "../../phases/nat-lock.ts";
import type { World } from "../../world.ts";

/** Looks at everything this often, at the rules alone between. */
const WHOLE_LOOK_MS = 10_000;

/** Keeps the kernel as the router's state wants it; decides nothing about that state. */
export class RulesKeeper {
  readonly #world: World;
  readonly #router: RouterDocument;
  #state: RouterState = HOME_ONLY;
  #good: string | undefined;
  /** What iptables-save last printed after a look at everything. */
  #dump: string | undefined;
  #lookedAt = Number.NEGATIVE_INFINITY;
  #work: Promise<void> = Promise.resolve();
  repairs = 0;

  constructor(world: World, router: RouterDocument) {
    this.#world = world;
    this.#router = router;
  }

  get state(): RouterState {
    return this.#state;
  }

  async start(): Promise<void> {
    this.#state = await readState(this.#world);
    await this.#queue(async () => void (await this.#converge()));
  }

  /** The new state is in the kernel when this returns. */
  async become(change: Partial<RouterState>): Promise<void> {
    await this.#queue(async () => {
      this.#state = { ...this.#state, ...change };
      await this.#world.files.write(STATE_PATH, JSON.stringify(this.#state));
      if (!(await this.#switched())) await this.#converge();
    });
  }

  /**
   * The rules alone, in one restore made from the last dump: a zone that changes hands waits for this. The next look
   * is at everything again; where the kernel refuses, for somebody changed the rules since, that look comes at once.
   */
  async #switched(): Promise<boolean> {
    if (this.#dump === undefined) return false;
    const dump = this.#dump;
    this.#dump = undefined;
    try {
      for (const operation of this.#planRules(dump)) await execute(this.#world, operation);
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      return false;
    }
    this.#lookedAt = Number.NEGATIVE_INFINITY;
    return true;
  }

  /** Mends what somebody else changed; the usual look is one iptables-save, a whole one is at everything. */
  async look(isWhole = false): Promise<void> {
    await this.#queue(async () => {
      const isDue = isWhole || this.#world.clock.now() - this.#lookedAt > WHOLE_LOOK_MS;
      const isSame = async () => comparable(await this.#world.iptables.save("ipv4")) === this.#good;
      if (!isDue && this.#good !== undefined && (await isSame())) return;
      const changed = await this.#converge();
      this.repairs += changed > 0 ? 1 : 0;
    });
  }

  #converge(): Promise<number> {
    return withNatLock(this.#world, () => this.#convergeAlone());
  }

  async #convergeAlone(): Promise<number> {
    const { operations } = planNat(this.#router, this.#state, await observe(this.#world, this.#router));
    for (const operation of operations) await execute(this.#world, operation);
    const dump = await this.#world.iptables.save("ipv4");
    // Somebody may have changed a rule since the look: what does not stand is not what later dumps are held to.
    const stands = this.#planRules(dump).length === 0;
    this.#dump = stands ? dump : undefined;
    this.#good = stands ? comparable(dump) : undefined;
    this.#lookedAt = this.#world.clock.now();
    return operations.length;
  }

  #planRules(dump: string | undefined) {
    return planRules("ipv4", ownTables(natConfig(this.#router, this.#state), "ipv4"), parseSaved(dump ?? ""));
  }

  // One at a time: two plans made from one look would undo each other.
  #queue(task: () => Promise<void>): Promise<void> {
    const next = this.#work.catch(() => undefined).then(task);
    this.#work = next;
    return next;
  }
}

// Counters and the time of the dump change by themselves.
const comparable = (dump: string | undefined): string | undefined => dump?.replaceAll(/^#.*\n|\[\d+:\d+\]/gm, "");

import { HOME_ONLY, type RouterState } from "../../core/nat/config.ts";
import { STATE_PATH } from "../../core/nat/persistence.ts";
import { planNat } from "../../core/nat/plan.ts";
import type { RouterDocument } from "../../core/router-document.ts";
import { execute, observe, readState } from "../../phases/nat.ts";
import type { World } from "../../world.ts";

/** Looks at everything this often, at the rules alone between. */
const WHOLE_LOOK_MS = 10_000;

/** Keeps the kernel as the router's state wants it; decides nothing about that state. */
export class RulesKeeper {
  readonly #world: World;
  readonly #router: RouterDocument;
  #state: RouterState = HOME_ONLY;
  #good: string | undefined;
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
      await this.#converge();
    });
  }

  /** Mends what somebody else changed; the usual look is one iptables-save. */
  async look(): Promise<void> {
    await this.#queue(async () => {
      const isDue = this.#world.clock.now() - this.#lookedAt > WHOLE_LOOK_MS;
      if (!isDue && comparable(await this.#world.iptables.save("ipv4")) === this.#good) return;
      this.repairs += (await this.#converge()) > 0 ? 1 : 0;
    });
  }

  async #converge(): Promise<number> {
    const { operations } = planNat(this.#router, this.#state, await observe(this.#world, this.#router));
    for (const operation of operations) await execute(this.#world, operation);
    this.#good = comparable(await this.#world.iptables.save("ipv4"));
    this.#lookedAt = this.#world.clock.now();
    return operations.length;
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

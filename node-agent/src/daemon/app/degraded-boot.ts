import { MAINTENANCE_PATH } from "../../base/paths.ts";
import type { World } from "../../world.ts";
import { logAgentError } from "../part.ts";
import type { View } from "./view.ts";

/** The first try comes after this, the next ones after twice the time of the one before. */
const FIRST_MS = 120_000;
const LONGEST_MS = 900_000;

export interface DegradedBootNeeds {
  readonly world: Pick<World, "clock" | "files">;
  readonly view: View;
  /** Runs `greenleaf-agent boot` to its end. */
  readonly boot: () => Promise<void>;
  /** In [0, 1): a fleet that lost AWS together must not ask for it together. */
  readonly random?: () => number;
}

/** Boots again a node that was kept on its last known good state: AWS may answer now, and nobody else asks. */
export class DegradedBoot {
  readonly #needs: DegradedBootNeeds;
  #pauseMs = FIRST_MS;
  #nextAt: number | undefined;
  #underWay: Promise<void> | undefined;

  constructor(needs: DegradedBootNeeds) {
    this.#needs = needs;
  }

  /** After every look; the boot it begins is not waited for. */
  async consider(): Promise<void> {
    const { world, view } = this.#needs;
    if (this.#underWay !== undefined) return;
    const { status, draining } = view;
    // Values that were refused are tried again by themselves, more seldom.
    const isOurs = status?.verdict === "degraded" && status.reason?.code !== "values.refused";
    if (!isOurs || draining !== undefined) return this.#forget();
    const now = world.clock.now();
    this.#nextAt ??= this.#jittered(now);
    if (now < this.#nextAt) return;
    const maintenance = await logAgentError(view, () => world.files.read(MAINTENANCE_PATH));
    if (maintenance !== undefined) return;
    view.note("the node runs on its last known good state: it boots again");
    this.#underWay = this.#again();
  }

  async #again(): Promise<void> {
    const { world, view, boot } = this.#needs;
    await logAgentError(view, boot);
    this.#pauseMs = Math.min(this.#pauseMs * 2, LONGEST_MS);
    this.#nextAt = this.#jittered(world.clock.now());
    this.#underWay = undefined;
  }

  #forget(): void {
    this.#pauseMs = FIRST_MS;
    this.#nextAt = undefined;
  }

  #jittered(now: number): number {
    const { random = Math.random } = this.#needs;
    return now + this.#pauseMs * (1 + random() / 2);
  }
}

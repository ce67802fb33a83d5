import { BOOT_LOCK, MAINTENANCE_PATH } from "../../base/paths.ts";
import type { World } from "../../world.ts";
import { logAgentError } from "../part.ts";
import type { View } from "./view.ts";

/** Milliseconds for whoever keeps boots alive (systemd begins one again after 15 s). */
const LEFT_FOR_MS = 30_000;

export interface UnfinishedBootNeeds {
  readonly world: Pick<World, "clock" | "files" | "daemons">;
  readonly view: View;
  /** Runs `greenleaf-agent boot` to its end. */
  readonly boot: () => Promise<void>;
}

/** Takes up a boot that was killed, where nobody else does: what it had stopped would stay down. */
export class UnfinishedBoot {
  readonly #needs: UnfinishedBootNeeds;
  #since: number | undefined;
  #underWay: Promise<void> | undefined;

  constructor(needs: UnfinishedBootNeeds) {
    this.#needs = needs;
  }

  /** After every look; the boot it begins is not waited for. */
  async consider(): Promise<void> {
    const { world, view } = this.#needs;
    if (this.#underWay !== undefined) return;
    const isLeft = (await logAgentError(view, () => this.#isLeft())) ?? false;
    if (!isLeft) {
      this.#since = undefined;
      return;
    }
    const now = world.clock.now();
    this.#since ??= now;
    if (now - this.#since < LEFT_FOR_MS) return;
    view.note("a boot was killed: it is taken up again");
    this.#underWay = this.#takeUp();
  }

  async #isLeft(): Promise<boolean> {
    const { world, view } = this.#needs;
    const { status, draining } = view;
    // A reason: the machine is being installed, and its first boot is still to come.
    if (status?.verdict !== "booting" || status.reason !== undefined || draining !== undefined) return false;
    const [holder, maintenance] = await Promise.all([world.files.read(BOOT_LOCK), world.files.read(MAINTENANCE_PATH)]);
    const pid = Number(/^process (\d+)$/m.exec(holder ?? "")?.[1]);
    if (maintenance !== undefined || !Number.isInteger(pid)) return false;
    return (await world.daemons.startTicks(pid)) === undefined;
  }

  async #takeUp(): Promise<void> {
    const { view, boot } = this.#needs;
    await logAgentError(view, boot);
    this.#since = undefined;
    this.#underWay = undefined;
  }
}

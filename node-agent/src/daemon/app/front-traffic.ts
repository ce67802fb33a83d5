import { answeredBy } from "../../core/node/traffic.ts";
import type { World } from "../../world.ts";
import type { View } from "./view.ts";

/** The service whose log tells of every request. */
const FRONT = "caddy";
/** Before a log that could not be read, or ended, is opened again. */
const AGAIN_MS = 10_000;

export interface FrontTrafficNeeds {
  readonly world: Pick<World, "clock" | "engineSocket">;
  readonly view: View;
  readonly signal: AbortSignal;
}

/** Counts what the node answers, by its front's own log, for the page's picture. */
export class FrontTraffic {
  readonly #needs: FrontTrafficNeeds;
  /** By container: when its log may be opened next. */
  readonly #nextAt = new Map<string, number>();

  constructor(needs: FrontTrafficNeeds) {
    this.#needs = needs;
  }

  /** After every look. While the front is replaced there are two of them. */
  consider(): void {
    const { world, view } = this.#needs;
    const running = view.containers.filter(({ service, state }) => service === FRONT && state === "running");
    const ids = new Set(running.map(({ id }) => id));
    for (const id of this.#nextAt.keys()) if (!ids.has(id)) this.#nextAt.delete(id);
    for (const id of ids) if (world.clock.now() >= (this.#nextAt.get(id) ?? 0)) void this.#follow(id);
  }

  async #follow(id: string): Promise<void> {
    const { world, view, signal } = this.#needs;
    this.#nextAt.set(id, Number.POSITIVE_INFINITY);
    const heard = (line: string) => {
      const answered = answeredBy(line);
      if (answered !== undefined) view.countAnswer(answered.isError);
    };
    await world.engineSocket.followLogs(id, heard, signal);
    this.#nextAt.set(id, world.clock.now() + AGAIN_MS);
  }
}

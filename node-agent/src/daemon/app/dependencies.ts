import { awayBy, countMisses, type Misses, missingIn, readyzOf } from "../../core/node/dependencies.ts";
import type { World } from "../../world.ts";
import type { View } from "./view.ts";

/** Longer than the backend gives its servers. */
const ANSWER_MS = 1_500;

/** Asks the backend, again and again, which of the servers behind it answer. */
export class Dependencies {
  readonly #request: World["request"];
  readonly #view: View;
  #misses: Misses = {};

  constructor({ request }: Pick<World, "request">, view: View) {
    this.#request = request;
    this.#view = view;
  }

  async ask(): Promise<void> {
    this.#misses = countMisses(this.#misses, missingIn(await this.#answer()));
    this.#view.takeAway(awayBy(this.#misses));
  }

  // A backend that does not answer is told by its own health, and nothing is known of what is behind it.
  async #answer(): Promise<string> {
    const url = readyzOf(this.#view.containers);
    if (url === undefined) return "";
    try {
      return (await this.#request({ url, timeoutMs: ANSWER_MS })).body;
    } catch {
      return "";
    }
  }
}

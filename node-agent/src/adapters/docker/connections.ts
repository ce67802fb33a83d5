import { Agent, type ClientRequestArgs } from "node:http";
import type { Duplex } from "node:stream";
import { AnswerTooLarge } from "../../base/bounded-body.ts";

/** Of one connection: dockerode collects an answer without looking at its size. */
const MAX_BYTES = 64 * 1024 * 1024;

/** When the engine last said anything about any pull: layers wait for each other, so one that moves speaks for all. */
export interface Heard {
  at: number;
}

/**
 * The connections of one call of the engine. `failed` rejects when one brings too much; all of them are closed when the
 * call is over, so that what was given up ends at the engine too.
 */
export class Connections extends Agent {
  readonly #open = new Set<Duplex>();
  readonly #failed = Promise.withResolvers<never>();
  readonly #heard: Heard | undefined;

  constructor(heard?: Heard) {
    super({ keepAlive: false });
    this.#heard = heard;
    this.#failed.promise.catch(() => undefined);
  }

  get failed(): Promise<never> {
    return this.#failed.promise;
  }

  override createConnection(
    options: ClientRequestArgs,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const socket = super.createConnection(options, callback);
    if (socket) this.#watch(socket);
    return socket;
  }

  #watch(socket: Duplex): void {
    let bytes = 0;
    this.#open.add(socket);
    socket.once("close", () => this.#open.delete(socket));
    socket.on("data", (piece: Buffer) => {
      if (this.#heard) this.#heard.at = performance.now();
      bytes += piece.length;
      if (bytes <= MAX_BYTES) return;
      this.#failed.reject(new AnswerTooLarge(MAX_BYTES));
      socket.destroy();
    });
  }

  close(): void {
    for (const socket of this.#open) socket.destroy();
    this.destroy();
  }
}

import { createSocket, type Socket } from "node:dgram";
import { HEARTBEAT_PORT } from "../../core/nat/config.ts";
import type { Beat } from "../../core/router-decision.ts";

export const BEAT_MS = 100;

/** Beats over UDP between the two fixed interfaces; only the last one heard counts. */
export class Heartbeat {
  #socket: Socket | undefined;
  #heard: { beat: Beat; at: number } | undefined;
  readonly #own: string;
  readonly #peer: string;

  constructor(own: string, peer: string) {
    this.#own = own;
    this.#peer = peer;
  }

  get beat(): Beat | undefined {
    return this.#heard?.beat;
  }

  heardAgoMs(now: number): number | undefined {
    return this.#heard === undefined ? undefined : now - this.#heard.at;
  }

  /** A beat that cannot be sent is a beat the other misses: nothing to do about it here. */
  send(beat: Beat, now: () => number): void {
    this.#socket ??= this.#open(now);
    this.#socket.send(JSON.stringify(beat), HEARTBEAT_PORT, this.#peer, () => undefined);
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #open(now: () => number): Socket {
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    socket.on("message", (message, from) => {
      if (from.address !== this.#peer) return;
      const beat = parse(message.toString());
      if (beat) this.#heard = { beat, at: now() };
    });
    // The address may not be on the interface yet: the next beat opens another socket.
    socket.on("error", () => {
      socket.close();
      if (this.#socket === socket) this.#socket = undefined;
    });
    socket.bind(HEARTBEAT_PORT, this.#own);
    return socket;
  }
}

function parse(text: string): Beat | undefined {
  try {
    return JSON.parse(text) as Beat;
  } catch {
    return undefined;
  }
}

import { createSocket, type Socket } from "node:dgram";
import { hmac, isSameHmac, newKey } from "../../base/hmac.ts";
import { type Heartbeat, SILENT_MS } from "../../core/router/failover/decision.ts";
import { HeartbeatInbox, type Refusal } from "../../core/router/failover/heartbeat-inbox.ts";
import { type Signing, written } from "../../core/router/failover/heartbeat-signature.ts";
import { ReadingBudget } from "../../core/router/failover/reading-budget.ts";
import { HEARTBEAT_PORT } from "../../core/router/nat/config.ts";

export const HEARTBEAT_MS = 100;

const SIGNING: Signing = { sign: hmac, isSame: isSameHmac };

/** Both ends are addresses: asking the resolver for each heartbeat costs as much as signing it. */
const asItIs = (address: string, _options: unknown, done: (error: null, address: string, family: number) => void) =>
  done(null, address, 4);

export interface HeartbeatLinkOptions {
  readonly own: string;
  readonly peer: string;
  /** The keys of now, the newest first; none where they are not known. */
  keys(): readonly string[];
  warn(text: string): void;
}

/** Beats over UDP between the two fixed interfaces; only the last one heard counts. */
export class HeartbeatLink {
  #socket: Socket | undefined;
  #received: { heartbeat: Heartbeat; at: number; isSigned: boolean } | undefined;
  readonly #options: HeartbeatLinkOptions;
  readonly #session = newKey().slice(0, 32);
  readonly #inbox = new HeartbeatInbox(this.#session, SIGNING);
  readonly #budget = new ReadingBudget();
  #number = 0;
  /** Datagrams that counted for nothing. */
  refusals = 0;
  /** A signature was of none of the keys: there may be a newer one. */
  isKeyUnknown = false;

  constructor(options: HeartbeatLinkOptions) {
    this.#options = options;
  }

  get last(): Heartbeat | undefined {
    return this.#received?.heartbeat;
  }

  /** Undefined before the first heartbeat. */
  get isSigned(): boolean | undefined {
    return this.#received?.isSigned;
  }

  msSinceHeartbeat(now: number): number | undefined {
    return this.#received === undefined ? undefined : now - this.#received.at;
  }

  /** A heartbeat that cannot be sent is a heartbeat the other misses: nothing to do about it here. */
  send(heartbeat: Heartbeat, now: () => number): void {
    this.#budget.renew();
    this.#socket ??= this.#open(now);
    this.#number += 1;
    const stamp = { session: this.#session, number: this.#number, hears: this.#inbox.hears };
    const text = written(heartbeat, stamp, this.#options.keys(), SIGNING);
    this.#socket.send(text, HEARTBEAT_PORT, this.#options.peer, () => undefined);
  }

  close(): void {
    this.#socket?.close();
    this.#socket = undefined;
  }

  #open(now: () => number): Socket {
    const socket = createSocket({ type: "udp4", reuseAddr: true, lookup: asItIs });
    socket.on("message", (message, from) => {
      if (from.address !== this.#options.peer) return;
      if (this.#budget.spend(this.#inbox.isOfSession(message) ? "known" : "other"))
        this.#take(message.toString(), now());
      else this.#refuse("too many");
    });
    // The address may not be on the interface yet: the next heartbeat opens another socket.
    socket.on("error", () => {
      socket.close();
      if (this.#socket === socket) this.#socket = undefined;
    });
    socket.bind(HEARTBEAT_PORT, this.#options.own);
    return socket;
  }

  #take(text: string, at: number): void {
    const delivery = this.#inbox.take(text, this.#options.keys(), at);
    if (delivery === "greeting") return;
    if ("heartbeat" in delivery) {
      this.#received = { ...delivery, at };
      return;
    }
    if (delivery.refused === "unknown key") this.isKeyUnknown = true;
    this.#refuse(delivery.refused);
  }

  #refuse(why: Refusal | "too many"): void {
    this.refusals += 1;
    this.#options.warn(`a datagram from ${this.#options.peer} ${TOLD[why]} and counts for nothing`);
  }
}

const TOLD: Readonly<Record<Refusal | "too many", string>> = {
  "too many": "came with too many others",
  "no heartbeat": "is no heartbeat of this version",
  unsigned: "is a heartbeat without a signature, although the other router signs,",
  "unknown key": "is signed with a key that this router does not have",
  replayed: "is a heartbeat that was heard before, or late,",
};

/** The other router's heartbeat, unless it is too old to say what is so now. */
export function recentHeartbeat(
  link: Pick<HeartbeatLink, "last" | "msSinceHeartbeat">,
  now: number,
): Heartbeat | undefined {
  return (link.msSinceHeartbeat(now) ?? SILENT_MS) < SILENT_MS ? link.last : undefined;
}

import type { Heartbeat } from "./decision.ts";
import { type ReadHeartbeat, read, type Signing, type Stamp } from "./heartbeat-signature.ts";

/** So long after its last signed heartbeat nothing without a signature counts: then the other may be an older version again. */
export const SIGNED_MS = 600_000;
/** Sessions that are over. A router that restarts more often than that has other troubles. */
const ENDED_SESSIONS = 1_000;
/** A datagram holds few signatures; each costs a computation per key. */
const MAX_LENGTH = 1_400;
/** Sessions that may answer at once: recorded ones, sent again and again, must not keep the other router's out. */
const GREETED = 8;
/** Long enough to be named in what is sent, and to answer. */
const ANSWER_MS = 2_000;

export type Refusal =
  | "no heartbeat"
  /** Without a signature, although the other router signs. */
  | "unsigned"
  /** Signed with a key that is not known here. */
  | "unknown key"
  /** Heard before, of a session that is over, or this router's own. */
  | "replayed";

export type Delivery =
  | { readonly heartbeat: Heartbeat; readonly isSigned: boolean }
  | { readonly refused: Refusal }
  /** Of the other router, and not yet known to be of now. */
  | "greeting";

/**
 * Which heartbeats count. One that is signed and of a session not heard before counts once it names this process: what
 * was recorded before this process began cannot. Within a session only what is younger than the last one counts.
 */
export class HeartbeatInbox {
  readonly #session: string;
  readonly #signing: Signing;
  readonly #ended = new Set<string>();
  #current: { readonly session: string; number: number } | undefined;
  /** Would like to be heard, with the time of their first greeting: named in what is sent, so that they can answer. */
  readonly #greeted = new Map<string, number>();
  #signedAt: number | undefined;

  constructor(session: string, signing: Signing) {
    this.#session = session;
    this.#signing = signing;
  }

  /** What to tell the other router of its own sessions. */
  get hears(): readonly string[] {
    return [...(this.#current === undefined ? [] : [this.#current.session]), ...this.#greeted.keys()];
  }

  /** Whether it names the session that counts now, which is cheaper to see than who signed it. */
  isOfSession(datagram: { includes(text: string): boolean }): boolean {
    return this.#current !== undefined && datagram.includes(this.#current.session);
  }

  take(text: string, keys: readonly string[], now: number): Delivery {
    const message = text.length > MAX_LENGTH ? undefined : read(text, keys, this.#signing);
    if (message === undefined) return { refused: "no heartbeat" };
    // Who has no key can tell nothing apart, and takes no zone.
    if (keys.length === 0) return { heartbeat: message.heartbeat, isSigned: false };
    return message.stamp === undefined ? this.#unsigned(message, now) : this.#signed(message, message.stamp, now);
  }

  #unsigned({ heartbeat }: ReadHeartbeat, now: number): Delivery {
    const isLate = this.#signedAt !== undefined && now - this.#signedAt < SIGNED_MS;
    return isLate ? { refused: "unsigned" } : { heartbeat, isSigned: false };
  }

  #signed({ heartbeat, isKnown }: ReadHeartbeat, { session, number, hears }: Stamp, now: number): Delivery {
    if (!isKnown) return { refused: "unknown key" };
    // Both routers sign with one key: what this one sent may come back.
    if (session === this.#session || this.#ended.has(session)) return { refused: "replayed" };
    if (session !== this.#current?.session) {
      this.#greet(session, now);
      if (!hears.includes(this.#session)) return "greeting";
      this.#begin(session);
    }
    if (this.#current === undefined || number <= this.#current.number) return { refused: "replayed" };
    this.#current.number = number;
    this.#signedAt = now;
    return { heartbeat, isSigned: true };
  }

  #begin(session: string): void {
    if (this.#current !== undefined && this.#ended.size < ENDED_SESSIONS) this.#ended.add(this.#current.session);
    this.#current = { session, number: -1 };
    this.#greeted.clear();
  }

  // The longest named makes room, once it had time to answer.
  #greet(session: string, now: number): void {
    if (this.#greeted.has(session)) return;
    if (this.#greeted.size >= GREETED) {
      const [oldest, since] = [...this.#greeted].at(0) ?? ["", now];
      if (now - since < ANSWER_MS) return;
      this.#greeted.delete(oldest);
    }
    this.#greeted.set(session, now);
  }
}

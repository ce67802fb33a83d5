import { isCount, isText, listOf, parsed, shape } from "../../../base/shape.ts";
import { type Heartbeat, parseHeartbeat } from "./decision.ts";

/** HMAC and its comparison, which core cannot compute itself. */
export interface Signing {
  readonly sign: (text: string, key: string) => string;
  readonly isSame: (one: string, other: string) => boolean;
}

/** What a signed heartbeat says besides. Versions that know no signature read past it. */
export interface Stamp {
  /** Drawn when the sender's process started. */
  readonly session: string;
  /** Grows with every heartbeat of a session. */
  readonly number: number;
  /** Sessions of the other router that this one hears: who finds its own there knows that this is not of before. */
  readonly hears: readonly string[];
}

const isStamp = shape({ session: isText, number: isCount, hears: listOf(isText), macs: listOf(isText) });
/** More than anybody has keys: each costs a comparison per key. */
const MOST_MACS = 4;

/** A heartbeat as it is sent: signed with every key there is, so that it is known by whoever has one of them. */
export function written(heartbeat: Heartbeat, stamp: Stamp, keys: readonly string[], { sign }: Signing): string {
  if (keys.length === 0) return JSON.stringify(heartbeat);
  const body = { ...heartbeat, ...stamp };
  const text = JSON.stringify(body);
  return JSON.stringify({ ...body, macs: keys.map((key) => sign(text, key)) });
}

export interface ReadHeartbeat {
  readonly heartbeat: Heartbeat;
  /** Undefined for one without a signature. */
  readonly stamp: Stamp | undefined;
  /** Whether one of the keys made its signature. */
  readonly isKnown: boolean;
}

/** Undefined for what is no heartbeat. */
export function read(text: string, keys: readonly string[], signing: Signing): ReadHeartbeat | undefined {
  const heartbeat = parseHeartbeat(text);
  if (heartbeat === undefined) return undefined;
  const { macs, ...body } = heartbeat as Heartbeat & Partial<Stamp> & { readonly macs?: unknown };
  if (macs === undefined) return { heartbeat, stamp: undefined, isKnown: false };
  if (parsed(text, isStamp) === undefined || (macs as readonly string[]).length > MOST_MACS) return undefined;
  // What is signed is what is read here, not the bytes it came in.
  const signed = JSON.stringify(body);
  const isKnown = keys.some((key) => {
    const wanted = signing.sign(signed, key);
    return (macs as readonly string[]).some((mac) => signing.isSame(mac, wanted));
  });
  return { heartbeat, stamp: body as Heartbeat & Stamp, isKnown };
}

import { isCount, isFlag, isText, listOf, oneOf, optional, parsed, shape } from "../../base/shape.ts";
import { type Heartbeat, SILENT_MS } from "./failover/decision.ts";

const SIGNATURES = ["both", "own", "none"] as const;
export type SignaturesState = (typeof SIGNATURES)[number];

export interface RouterStatus {
  readonly zones: ReadonlyArray<{ readonly name: string; readonly isServed: boolean; readonly owner: string }>;
  readonly probe: { readonly isProven: boolean; readonly ms: number; readonly why?: string };
  readonly peer?: { readonly state: string; readonly why?: string };
  /** Whether this router signs its heartbeats, and the other one its own. */
  readonly signatures?: { readonly state: SignaturesState; readonly why?: string };
  readonly drain: "no" | "asked" | "done";
  /** The last failover of the other zone: when it was decided, why, and milliseconds until the zone was served. */
  readonly failover?: { readonly decided: string; readonly ms: number; readonly why: string } | undefined;
  /** What others changed and this router changed back: how often since it started, and the last of it. */
  readonly repairs?: { readonly count: number; readonly last: string; readonly at: string } | undefined;
  /** What somebody changes again and again although it is put back: how often in the last minute, and who was seen at it. */
  readonly returning?: { readonly what: string; readonly times: number; readonly by: readonly string[] } | undefined;
  /** The last thing decided, and when. */
  readonly event: string;
  readonly since: string;
  /** When this was written, as every other date by the machine's wall clock. */
  readonly written: string;
}

/** Undefined when there is none, or only half of one. */
export function parseRouterStatus(text: string | undefined): RouterStatus | undefined {
  const status =
    text === undefined ? undefined : (parsed(text, isRouterStatus) as (RouterStatus & OldNames) | undefined);
  return status && withNewNames(status);
}

/** A daemon of a version before 0.6 writes these until it is restarted. */
interface OldNames {
  readonly probe: { readonly because?: string };
  readonly peer?: { readonly because?: string };
  readonly takeover?: RouterStatus["failover"];
}

function withNewNames({ takeover, ...status }: RouterStatus & OldNames): RouterStatus {
  const why = <T extends { readonly because?: string; readonly why?: string }>({ because, ...rest }: T) =>
    because === undefined ? rest : { ...rest, why: because };
  return {
    ...status,
    probe: why(status.probe),
    ...(status.peer === undefined ? {} : { peer: why(status.peer) }),
    ...(takeover === undefined ? {} : { failover: takeover }),
  };
}

const isFailover = shape({ decided: isText, ms: isCount, why: isText });

const isRouterStatus = shape({
  zones: listOf(shape({ name: isText, isServed: isFlag, owner: isText })),
  probe: shape({ isProven: isFlag, ms: isCount, because: optional(isText), why: optional(isText) }),
  peer: optional(shape({ state: isText, because: optional(isText), why: optional(isText) })),
  signatures: optional(shape({ state: oneOf(...SIGNATURES), why: optional(isText) })),
  drain: oneOf("no", "asked", "done"),
  takeover: optional(isFailover),
  failover: optional(isFailover),
  repairs: optional(shape({ count: isCount, last: isText, at: isText })),
  returning: optional(shape({ what: isText, times: isCount, by: listOf(isText) })),
  event: isText,
  since: isText,
  written: isText,
});

/** An agent that works writes its status every second and a half, and when there is something new in it. */
const STALE_MS = 5_000;

/** How old a status is that is too old to be true; undefined for one of now. */
export function staleMs({ written }: Pick<RouterStatus, "written">, now: Date): number | undefined {
  // A clock that was set back makes it look as if it came from the future: as untrue.
  const ageMs = Math.abs(now.getTime() - Date.parse(written));
  return ageMs <= STALE_MS ? undefined : ageMs;
}

/** Who signs heartbeats, for people; the other router counts as one that signs until it was heard without. */
export function signaturesState(
  keys: { readonly areKnown: boolean; readonly why: string | undefined },
  heartbeat: { readonly isSigned: boolean | undefined },
): NonNullable<RouterStatus["signatures"]> {
  if (!keys.areKnown) return { state: "none", ...(keys.why === undefined ? {} : { why: keys.why }) };
  return { state: heartbeat.isSigned === false ? "own" : "both" };
}

/** What is known of the other router, for people. */
export function peerState(
  msSinceHeartbeat: number | undefined,
  heartbeat: Heartbeat | undefined,
  why: string | undefined,
): NonNullable<RouterStatus["peer"]> {
  const reason = why === undefined ? {} : { why };
  if (msSinceHeartbeat === undefined || msSinceHeartbeat >= SILENT_MS) return { state: "silent", ...reason };
  if (heartbeat?.isProven !== true) return { state: "not proven", why: "its own probes fail" };
  return { state: why === undefined ? "proven" : "heard", ...reason };
}

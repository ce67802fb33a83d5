import { isCount, isFlag, isText, parsed, shape } from "../../../base/shape.ts";

/** What two routers tell each other several times a second. */
export interface Heartbeat {
  readonly router: string;
  /** Its own probes come back translated, and for how long they have without a break. */
  readonly isProven: boolean;
  /** Its last round of probes failed, which alone decides nothing. */
  readonly isDoubtful: boolean;
  readonly provenForMs: number;
  readonly serves: { readonly home: boolean; readonly peer: boolean };
  /** It asks the other to take its zone. */
  readonly isDraining: boolean;
  /** It is about to move the other's zone back to it. */
  readonly isGiving: boolean;
}

const isHeartbeat = shape({
  router: isText,
  isProven: isFlag,
  isDoubtful: isFlag,
  provenForMs: isCount,
  serves: shape({ home: isFlag, peer: isFlag }),
  isDraining: isFlag,
  isGiving: isFlag,
});

/** Undefined for what is no heartbeat, or one of a version that says less: nothing is decided on it. */
export const parseHeartbeat = (text: string): Heartbeat | undefined =>
  parsed(text, isHeartbeat) as Heartbeat | undefined;

/** Who may move a zone's route: nobody has said, this router, the other one, or one that has not renewed in time. */
export type Holder = "nobody" | "me" | "other" | "expired" | "unknown";

/** Everything a decision is made from; times are milliseconds of this router's own monotonic clock. */
export interface FailoverView {
  readonly serves: { readonly home: boolean; readonly peer: boolean };
  readonly isProven: boolean;
  /** Its own probes have failed for more than one round. */
  readonly isLost: boolean;
  /** Since the last round of its own probes began that was answered. */
  readonly msSinceSuccess: number;
  /** Rounds of probes through the other router that failed since the last good one, and since its own are answered. */
  readonly failedThroughPeer: number;
  /** Since the last of these began. */
  readonly msSinceFailure: number;
  /** Undefined before the first heartbeat. */
  readonly msSinceHeartbeat: number | undefined;
  readonly heartbeat: Heartbeat | undefined;
  readonly isDraining: boolean;
  /** Whether it can tell the other router's heartbeats from anybody's. */
  readonly hasKey: boolean;
  /** The route of this zone was seen to name the other router. */
  readonly isRoutedAway: boolean;
  readonly leases: { readonly home: Holder; readonly peer: Holder };
  /** What is left of this router's own leases, margin taken off; undefined when it holds none. */
  readonly leftMs: { readonly home: number | undefined; readonly peer: number | undefined };
  /** How long the other must have been proven before it gets its zone back; grows with every failover. */
  readonly stableMs: number;
  /** Of two routers that serve each other's zones one gives back first; both at once would wait for each other. */
  readonly goesFirst: boolean;
}

export type DecisionKind =
  | "rest"
  /** Take the other's zone: lease, rules, flows, route, address. */
  | "take-peer"
  /** Bring the other's zone back to it. */
  | "give-back"
  /** The lease on the other's zone ran out: stop forwarding for it. */
  | "drop-peer"
  /** The other holds this zone: stop forwarding for it. */
  | "yield-home"
  /** The other is bringing this zone back: get ready. */
  | "accept-home"
  /** The other is not heard: say in the lease that this zone is served. */
  | "claim-home"
  /** The other is heard again: nothing needs to be said any more. */
  | "release-home"
  /** Nobody holds this zone although it is not served here: take it back. */
  | "take-home";

export interface Decision {
  readonly kind: DecisionKind;
  readonly why: string;
}

/**
 * Silence that counts: seven missed heartbeats. A TCP sender tries again after 0.6 and 1.4 s: a verdict that is safely in
 * time for the first cannot be had, and until then there is time for the other to claim its zone.
 */
export const SILENT_MS = 750;
/** Before the other gives this router up it must have seen it claim its zone. */
export const CLAIM_AFTER_MS = 350;
/** A heartbeat and a half: probes that began later than so long after the last heartbeat began when the next was overdue. */
const OVERDUE_MS = 150;
/** Two failed rounds: one lost packet moves nothing. */
export const FAILED_ROUNDS = 2;
/** A lease nobody renewed for so long is free. */
export const LEASE_MS = 10_000;
/** A holder stops so much earlier than others may start. */
const LEASE_MARGIN_MS = 2_000;
/** So long a holder may act after it sent its last renewal. */
export const HOLD_MS = LEASE_MS - LEASE_MARGIN_MS;
export const RENEW_MS = 3_000;

const rest = (why: string): Decision => ({ kind: "rest", why });

/** What a router of a pair does next. Never two owners: whoever acts for a zone that is not its own holds its lease. */
export function decide(view: FailoverView): Decision {
  return servedDecision(view) ?? homeDecision(view) ?? peerDecision(view) ?? rest("both zones are where they belong");
}

// What must stop comes before what may start.
function servedDecision(view: FailoverView): Decision | undefined {
  const { serves, leftMs, heartbeat } = view;
  if (serves.peer && (leftMs.peer ?? 0) <= 0) return { kind: "drop-peer", why: "the lease was not renewed in time" };
  const isGiven = heartbeat?.isGiving === true && isHeard(view.msSinceHeartbeat);
  if (isGiven && !serves.home) return { kind: "accept-home", why: "the other router brings this zone back" };
  if (isGiven || !serves.home) return undefined;
  return isOthers(view) ? { kind: "yield-home", why: "the other router holds this zone" } : undefined;
}

// What it says itself is younger than what the store was last seen to say.
function isOthers({ leases, msSinceHeartbeat, heartbeat }: FailoverView): boolean {
  const isDenied = isHeard(msSinceHeartbeat) && heartbeat?.serves.peer === false;
  return leases.home === "other" && !isDenied;
}

/** Whether the store has to be asked: while all is quiet nobody does. */
export function isInDoubt({ msSinceHeartbeat, serves, heartbeat, leases }: FailoverView): boolean {
  const isQuiet = isHeard(msSinceHeartbeat, CLAIM_AFTER_MS) && serves.home && heartbeat?.serves.peer === false;
  return !isQuiet || leases.home === "other" || leases.peer === "other";
}

/** Targets are other people's: whoever says no for seconds need not be asked about closely for ever. */
const WORRIED_ROUNDS = 10;

/** From the other's first lost round on, so that its verdict on itself and ours on it are ready at the same time. */
export function isWorried(heartbeat: Heartbeat | undefined, failedThroughPeer: number): boolean {
  return (heartbeat?.isProven !== true || heartbeat.isDoubtful) && failedThroughPeer < WORRIED_ROUNDS;
}

function homeDecision(view: FailoverView): Decision | undefined {
  const isSilent = !isHeard(view.msSinceHeartbeat, CLAIM_AFTER_MS);
  if (view.leftMs.home !== undefined) return releaseHome(view, isSilent);
  if (view.isDraining) return undefined;
  return isSilent ? claimAlone(view) : takeBack(view);
}

// A router whose own path is broken must not keep its zone from the other.
function releaseHome({ serves, isLost }: FailoverView, isSilent: boolean): Decision | undefined {
  if (!serves.home) return undefined;
  if (isLost) return { kind: "release-home", why: "its own probes fail" };
  return isSilent ? undefined : { kind: "release-home", why: "the other router is heard again" };
}

// Without its public address a router cannot prove itself outside; where nobody serves the zone it need not.
function claimAlone(view: FailoverView): Decision | undefined {
  if (isAstray(view)) return { kind: "take-home", why: "nobody holds this zone" };
  if (!isProvenSince(view) || !view.serves.home || view.leases.home === "other") return undefined;
  return { kind: "claim-home", why: `the other router is silent for ${seconds(view.msSinceHeartbeat)}` };
}

// Two routers whose routes were left swapped are both without proof, and would wait for each other's for ever.
function takeBack(view: FailoverView): Decision | undefined {
  if (!isAstray(view) || view.heartbeat?.serves.peer === true) return undefined;
  return { kind: "take-home", why: "nobody holds this zone" };
}

const isAstray = ({ serves, isRoutedAway, leases }: FailoverView): boolean =>
  (!serves.home || isRoutedAway) && isFree(leases.home);

// Answered after the other should have been heard: then it is not this router that is cut off. What was answered
// just before both fell silent says nothing.
const isProvenSince = ({ isProven, msSinceSuccess, msSinceHeartbeat }: FailoverView): boolean =>
  isProven && msSinceSuccess < (msSinceHeartbeat ?? Number.POSITIVE_INFINITY) - OVERDUE_MS;

function peerDecision(view: FailoverView): Decision | undefined {
  if (view.serves.peer)
    return givesBack(view) ? { kind: "give-back", why: "the other router is proven again" } : undefined;
  // What it hears may be anybody's: it serves its own zone and takes none.
  if (!view.hasKey) return undefined;
  // Without its own zone its probes reach the other router only, which says nothing of the targets.
  if (!view.serves.home || view.isDraining || view.leases.peer === "other") return undefined;
  if (!(isHeard(view.msSinceHeartbeat) ? view.isProven : isProvenSince(view))) return undefined;
  const why = failureOf(view);
  return why === undefined ? undefined : { kind: "take-peer", why };
}

/** Why the other router cannot serve its zone; undefined when it can, or when nobody can tell. */
function failureOf({ heartbeat, msSinceHeartbeat, ...view }: FailoverView): string | undefined {
  const { failedThroughPeer, msSinceFailure, msSinceSuccess } = view;
  const isSilent = !isHeard(msSinceHeartbeat);
  if (!isSilent && heartbeat?.isDraining === true && heartbeat.serves.home) return "it asks to be relieved";
  // Its own must have been answered after these were sent: targets that die take everybody's probes with them.
  if (failedThroughPeer < FAILED_ROUNDS || msSinceSuccess >= msSinceFailure) return undefined;
  const paths = `${failedThroughPeer} rounds of probes through it failed`;
  if (isSilent) return `no heartbeat for ${seconds(msSinceHeartbeat)} and ${paths}`;
  // Heard and sure of itself: then it is the tunnel that is broken, not its path.
  return heartbeat?.isProven === false ? `it says that its own probes fail, and ${paths}` : undefined;
}

// Probes through it cannot tell: its public address is here.
function givesBack({ heartbeat, msSinceHeartbeat, stableMs, serves, goesFirst }: FailoverView): boolean {
  const isSwapped = !serves.home && heartbeat?.serves.peer === true;
  if (isSwapped && !goesFirst) return false;
  return (
    heartbeat !== undefined &&
    isHeard(msSinceHeartbeat) &&
    heartbeat.isProven &&
    !heartbeat.isDraining &&
    heartbeat.provenForMs >= stableMs
  );
}

const isFree = (holder: Holder): boolean => holder === "nobody" || holder === "expired" || holder === "me";

function isHeard(msSinceHeartbeat: number | undefined, withinMs = SILENT_MS): boolean {
  return msSinceHeartbeat !== undefined && msSinceHeartbeat < withinMs;
}

const seconds = (ms: number | undefined): string => (ms === undefined ? "ever" : `${(ms / 1000).toFixed(1)} s`);

const STABLE_MS = 30_000;
const STABLE_MAX_MS = 600_000;

/** Waiting doubles with every failover of the last hour, so that a router that comes and goes does not take its zone along. */
export function stableAfter(failovers: number, firstMs = STABLE_MS): number {
  return Math.min(firstMs * 2 ** Math.max(0, failovers - 1), STABLE_MAX_MS);
}

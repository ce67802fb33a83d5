/** What two routers tell each other several times a second. */
export interface Beat {
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

/** Who may move a zone's route: nobody has said, this router, the other one, or one that has not renewed in time. */
export type Holder = "nobody" | "me" | "other" | "expired" | "unknown";

/** Everything a decision is made from; times are milliseconds of this router's own monotonic clock. */
export interface PairView {
  readonly serves: { readonly home: boolean; readonly peer: boolean };
  readonly isProven: boolean;
  /** Its own probes have failed for more than one round. */
  readonly isLost: boolean;
  /** Since the last round of its own probes began that was answered. */
  readonly goodAgoMs: number;
  /** Rounds of probes through the other router that failed since the last good one, and since its own are answered. */
  readonly failedThroughPeer: number;
  /** Since the last of these began. */
  readonly failedAgoMs: number;
  /** Undefined before the first beat. */
  readonly heardAgoMs: number | undefined;
  readonly beat: Beat | undefined;
  readonly isDraining: boolean;
  /** The route of this zone was seen to name the other router. */
  readonly isRoutedAway: boolean;
  readonly leases: { readonly home: Holder; readonly peer: Holder };
  /** What is left of this router's own leases, margin taken off; undefined when it holds none. */
  readonly leftMs: { readonly home: number | undefined; readonly peer: number | undefined };
  /** How long the other must have been proven before it gets its zone back; grows with every take-over. */
  readonly stableMs: number;
  /** Of two routers that serve each other's zones one gives back first; both at once would wait for each other. */
  readonly goesFirst: boolean;
}

export type Step =
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
  readonly step: Step;
  readonly why: string;
}

/**
 * Silence that counts: seven missed beats. A TCP sender tries again after 0.6 and 1.4 s: a verdict that is safely in
 * time for the first cannot be had, and until then there is time for the other to claim its zone.
 */
export const SILENT_MS = 750;
/** Before the other gives this router up it must have seen it claim its zone. */
export const CLAIM_AFTER_MS = 350;
/** A beat and a half: probes that began later than so long after the last beat began when the next was overdue. */
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

const rest = (why: string): Decision => ({ step: "rest", why });

/** What a router of a pair does next. Never two owners: whoever acts for a zone that is not its own holds its lease. */
export function decide(view: PairView): Decision {
  return servedDecision(view) ?? homeDecision(view) ?? peerDecision(view) ?? rest("both zones are where they belong");
}

// What must stop comes before what may start.
function servedDecision(view: PairView): Decision | undefined {
  const { serves, leftMs, beat } = view;
  if (serves.peer && (leftMs.peer ?? 0) <= 0) return { step: "drop-peer", why: "the lease was not renewed in time" };
  const isGiven = beat?.isGiving === true && isHeard(view.heardAgoMs);
  if (isGiven && !serves.home) return { step: "accept-home", why: "the other router brings this zone back" };
  if (isGiven || !serves.home) return undefined;
  return isOthers(view) ? { step: "yield-home", why: "the other router holds this zone" } : undefined;
}

// What it says itself is younger than what the store was last seen to say.
function isOthers({ leases, heardAgoMs, beat }: PairView): boolean {
  const isDenied = isHeard(heardAgoMs) && beat?.serves.peer === false;
  return leases.home === "other" && !isDenied;
}

/** Whether the store has to be asked: while all is quiet nobody does. */
export function isInDoubt({ heardAgoMs, serves, beat, leases }: PairView): boolean {
  const isQuiet = isHeard(heardAgoMs, CLAIM_AFTER_MS) && serves.home && beat?.serves.peer === false;
  return !isQuiet || leases.home === "other" || leases.peer === "other";
}

/** Targets are other people's: whoever says no for seconds need not be asked about closely for ever. */
const WORRIED_ROUNDS = 10;

/** From the other's first lost round on, so that its verdict on itself and ours on it are ready at the same time. */
export function isWorried(beat: Beat | undefined, failedThroughPeer: number): boolean {
  return (beat?.isProven !== true || beat.isDoubtful) && failedThroughPeer < WORRIED_ROUNDS;
}

function homeDecision(view: PairView): Decision | undefined {
  const isSilent = !isHeard(view.heardAgoMs, CLAIM_AFTER_MS);
  if (view.leftMs.home !== undefined) return releaseHome(view, isSilent);
  if (view.isDraining) return undefined;
  return isSilent ? claimAlone(view) : takeBack(view);
}

// A router whose own path is broken must not keep its zone from the other.
function releaseHome({ serves, isLost }: PairView, isSilent: boolean): Decision | undefined {
  if (!serves.home) return undefined;
  if (isLost) return { step: "release-home", why: "its own probes fail" };
  return isSilent ? undefined : { step: "release-home", why: "the other router is heard again" };
}

// Without its public address a router cannot prove itself outside; where nobody serves the zone it need not.
function claimAlone(view: PairView): Decision | undefined {
  if (isAstray(view)) return { step: "take-home", why: "nobody holds this zone" };
  if (!isProvenSince(view) || !view.serves.home || view.leases.home === "other") return undefined;
  return { step: "claim-home", why: `the other router is silent for ${seconds(view.heardAgoMs)}` };
}

// Two routers whose routes were left swapped are both without proof, and would wait for each other's for ever.
function takeBack(view: PairView): Decision | undefined {
  if (!isAstray(view) || view.beat?.serves.peer === true) return undefined;
  return { step: "take-home", why: "nobody holds this zone" };
}

const isAstray = ({ serves, isRoutedAway, leases }: PairView): boolean =>
  (!serves.home || isRoutedAway) && isFree(leases.home);

// Answered after the other should have been heard: then it is not this router that is cut off. What was answered
// just before both fell silent says nothing.
const isProvenSince = ({ isProven, goodAgoMs, heardAgoMs }: PairView): boolean =>
  isProven && goodAgoMs < (heardAgoMs ?? Number.POSITIVE_INFINITY) - OVERDUE_MS;

function peerDecision(view: PairView): Decision | undefined {
  if (view.serves.peer)
    return givesBack(view) ? { step: "give-back", why: "the other router is proven again" } : undefined;
  // Without its own zone its probes reach the other router only, which says nothing of the targets.
  if (!view.serves.home || view.isDraining || view.leases.peer === "other") return undefined;
  if (!(isHeard(view.heardAgoMs) ? view.isProven : isProvenSince(view))) return undefined;
  const why = failureOf(view);
  return why === undefined ? undefined : { step: "take-peer", why };
}

/** Why the other router cannot serve its zone; undefined when it can, or when nobody can tell. */
function failureOf({ beat, heardAgoMs, ...view }: PairView): string | undefined {
  const { failedThroughPeer, failedAgoMs, goodAgoMs } = view;
  const isSilent = !isHeard(heardAgoMs);
  if (!isSilent && beat?.isDraining === true && beat.serves.home) return "it asks to be relieved";
  // Its own must have been answered after these were sent: targets that die take everybody's probes with them.
  if (failedThroughPeer < FAILED_ROUNDS || goodAgoMs >= failedAgoMs) return undefined;
  const paths = `${failedThroughPeer} rounds of probes through it failed`;
  if (isSilent) return `no heartbeat for ${seconds(heardAgoMs)} and ${paths}`;
  // Heard and sure of itself: then it is the tunnel that is broken, not its path.
  return beat?.isProven === false ? `it says that its own probes fail, and ${paths}` : undefined;
}

// Probes through it cannot tell: its public address is here.
function givesBack({ beat, heardAgoMs, stableMs, serves, goesFirst }: PairView): boolean {
  const isSwapped = !serves.home && beat?.serves.peer === true;
  if (isSwapped && !goesFirst) return false;
  return beat !== undefined && isHeard(heardAgoMs) && beat.isProven && !beat.isDraining && beat.provenForMs >= stableMs;
}

const isFree = (holder: Holder): boolean => holder === "nobody" || holder === "expired" || holder === "me";

function isHeard(heardAgoMs: number | undefined, withinMs = SILENT_MS): boolean {
  return heardAgoMs !== undefined && heardAgoMs < withinMs;
}

const seconds = (ms: number | undefined): string => (ms === undefined ? "ever" : `${(ms / 1000).toFixed(1)} s`);

const STABLE_MS = 30_000;
const STABLE_MAX_MS = 600_000;

/** Waiting doubles with every take-over of the last hour, so that a router that comes and goes does not take its zone along. */
export function stableAfter(takeovers: number, firstMs = STABLE_MS): number {
  return Math.min(firstMs * 2 ** Math.max(0, takeovers - 1), STABLE_MAX_MS);
}

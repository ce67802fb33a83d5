import { type Beat, SILENT_MS } from "./router-decision.ts";

/** Written by the resident agent of a router once a second; read by `nat status`. */
export const ROUTER_STATUS_PATH = "/run/greenleaf/router-status.json";
/** Its presence asks the resident agent to hand its zone over and not to take it back. */
export const DRAIN_PATH = "/run/greenleaf/router-drain";

export interface RouterStatus {
  readonly zones: ReadonlyArray<{ readonly name: string; readonly isServed: boolean; readonly owner: string }>;
  readonly probe: { readonly isProven: boolean; readonly ms: number; readonly because?: string };
  readonly peer?: { readonly state: string; readonly because?: string };
  readonly drain: "no" | "asked" | "done";
  /** The last take-over of the other zone: when it was decided, why, and milliseconds until the zone was served. */
  readonly takeover?: { readonly decided: string; readonly ms: number; readonly why: string } | undefined;
  /** The last thing decided, and when. */
  readonly event: string;
  readonly since: string;
  /** When this was written, as every other date by the machine's wall clock. */
  readonly written: string;
}

/** Undefined when there is none, or only half of one. */
export function parseRouterStatus(text: string | undefined): RouterStatus | undefined {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text) as RouterStatus;
  } catch {
    return undefined;
  }
}

/** What is known of the other router, for people. */
export function peerState(
  heardAgoMs: number | undefined,
  beat: Beat | undefined,
  because: string | undefined,
): NonNullable<RouterStatus["peer"]> {
  const reason = because === undefined ? {} : { because };
  if (heardAgoMs === undefined || heardAgoMs >= SILENT_MS) return { state: "silent", ...reason };
  if (beat?.isProven !== true) return { state: "not proven", because: "its own probes fail" };
  return { state: because === undefined ? "proven" : "heard", ...reason };
}

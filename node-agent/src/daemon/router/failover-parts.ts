import type { RouterDocument } from "../../core/router/document.ts";
import type { AwsPlace, World } from "../../world.ts";
import type { ConntrackReplica } from "./conntrack-replica.ts";
import type { HeartbeatLink } from "./heartbeat.ts";
import type { HeartbeatKeys } from "./heartbeat-keys.ts";
import type { NatReconciler } from "./nat-reconciler.ts";
import type { PathProber } from "./path-prober.ts";

/** What a pair is made of. */
export interface FailoverParts {
  readonly world: World;
  readonly router: RouterDocument;
  readonly id: string;
  readonly place: AwsPlace;
  readonly reconciler: NatReconciler;
  readonly heartbeat: HeartbeatLink;
  readonly keys: Pick<HeartbeatKeys, "areKnown">;
  readonly own: PathProber;
  readonly through: PathProber;
  /** Flows of each zone as the other router tells them, by the zone's name. */
  readonly copies: ReadonlyMap<string, readonly ConntrackReplica[]>;
  /** In place of a time that grows with every failover; only a lab breaks a router a hundred times an hour. */
  readonly stableMs?: number;
  note(text: string): void;
}

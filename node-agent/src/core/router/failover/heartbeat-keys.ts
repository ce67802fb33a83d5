import type { LeaseRecord } from "./lease.ts";

/** Beside the leases, under a name that no zone can have. */
export const KEYS_RECORD = "heartbeat.keys";
/** Two at once: while a new one is on its way to both routers the one before it counts as well. */
const KEYS = 2;

const KEY = /^[0-9a-f]{64}$/;

/** The keys of a record, the newest first; undefined for one that holds none. */
export function keysOf(record: Pick<LeaseRecord, "holder"> | undefined): readonly string[] | undefined {
  const keys = record?.holder.split(",") ?? [];
  return keys.length > 0 && keys.length <= KEYS && keys.every((key) => KEY.test(key)) ? keys : undefined;
}

export const recordedKeys = (keys: readonly string[]): string => keys.join(",");

/** The one that was the newest until now stays; an older one goes. */
export const withNewKey = (keys: readonly string[], key: string): readonly string[] => [key, ...keys].slice(0, KEYS);

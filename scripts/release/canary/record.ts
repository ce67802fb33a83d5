import type { Publisher } from "../registry/publisher.ts";

/** How a canary ended. */
export interface CanaryRecord {
  readonly node: string;
  readonly from: string;
  readonly to: string;
  readonly result: "on" | "back" | "stays";
  readonly why: string;
}

export interface CanaryEntry extends CanaryRecord {
  /** ISO 8601. */
  readonly at: string;
  /** ARN of the operator. */
  readonly by: string;
}

/** Not below /greenleaf/ENV/, which nodes read. Each end is a version of it, with the time and the operator. */
const nameOf = (environment: string): string => `/greenleaf-account/canaries/${environment}`;

/** A parameter holds 4 kB. */
const MAX_WHY = 1_000;

export async function recordCanary(publisher: Publisher, environment: string, record: CanaryRecord): Promise<void> {
  await publisher.setParameter(nameOf(environment), JSON.stringify({ ...record, why: record.why.slice(0, MAX_WHY) }));
}

/** Every canary that Parameter Store still knows, oldest first. */
export async function canaryHistory(publisher: Publisher, environment: string): Promise<readonly CanaryEntry[]> {
  const versions = await publisher.history(nameOf(environment));
  return versions.map(({ value, at, by }) => Object.assign(JSON.parse(value) as CanaryRecord, { at, by }));
}

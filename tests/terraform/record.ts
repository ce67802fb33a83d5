import type { Resource } from "../../scripts/fleet/resource.ts";

/** A plan as it is kept beside the code: a resource a line, so that a change reads well. */
export function record(resources: readonly Resource[]): string {
  return `[\n${resources.map((resource) => JSON.stringify(sorted(resource))).join(",\n")}\n]\n`;
}

// Mocked ids differ from run to run.
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).filter(([, part]) => part !== null && part !== undefined);
  return Object.fromEntries(entries.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, sorted(part)]));
}

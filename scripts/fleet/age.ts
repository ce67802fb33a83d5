import type { FleetNode } from "./nodes.ts";

/** Debian and Amazon publish security updates every few days; a month and a few days without them is said. */
export const MOST_IMAGE_DAYS = 35;

/** What a reader of the fleet should do about images that miss their updates; a line a role and environment. */
export function staleImages(
  found: ReadonlyArray<Pick<FleetNode, "environment" | "role" | "imageDays">>,
): readonly string[] {
  const oldest = new Map<string, number>();
  for (const { environment, role, imageDays = 0 } of found) {
    const key = `${environment} ${role}`;
    oldest.set(key, Math.max(oldest.get(key) ?? 0, imageDays));
  }
  return [...oldest]
    .filter(([, days]) => days > MOST_IMAGE_DAYS)
    .map(([key, days]) => {
      const [environment = "", role = ""] = key.split(" ");
      return `the ${role} image of ${environment} is ${days} days old: ./greenleaf ami ${role}, then docs/runbook-fleet.md, "Once a month"`;
    });
}

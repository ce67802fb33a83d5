import type { Freshness } from "./freshness.ts";
import type { FleetNode } from "./nodes.ts";

/** Debian and Amazon publish security updates every few days; a month and a few days without them is said. */
export const MOST_DAYS = 35;

type Node = Pick<FleetNode, "id" | "environment" | "role" | "imageDays">;

/** What a reader of the fleet should do about what misses its updates; a line for each role and environment. */
export function staleParts(found: readonly Node[], { nodes, baseDays }: Freshness): readonly string[] {
  const images = oldest(found, ({ imageDays }) => imageDays);
  const agents = oldest(found, ({ id }) => nodes.get(id)?.agentDays);
  const isStale = ([, days]: readonly [string, number | undefined]) => (days ?? 0) > MOST_DAYS;
  return [
    ...images.filter(isStale).map(([key, days]) => {
      const [environment = "", role = ""] = key.split(" ");
      return `the ${role} image of ${environment} is ${days} days old: ${patch(environment)}`;
    }),
    ...agents.filter(isStale).map(([key, days]) => {
      const [environment = "", role = ""] = key.split(" ");
      const how = `take a newer checkout, scripts/bootstrap.sh, then ${patch(environment)}`;
      return `the agent of ${environment}'s ${role} nodes was published ${days} days ago: ${how}`;
    }),
    ...Object.entries(baseDays)
      .filter(isStale)
      .map(([name, days]) => `the container images of ${name} were published ${days} days ago: ${patch(name)}`),
  ];
}

const patch = (environment: string): string =>
  `sudo --preserve-env ./greenleaf patch ${environment} (docs/runbook-fleet.md, "Once a month")`;

/** By environment and role, the days of the oldest; those that are not known say nothing. */
function oldest(found: readonly Node[], daysOf: (node: Node) => number | undefined): ReadonlyArray<[string, number]> {
  const days = new Map<string, number>();
  for (const node of found) {
    const key = `${node.environment} ${node.role}`;
    days.set(key, Math.max(days.get(key) ?? 0, daysOf(node) ?? 0));
  }
  return [...days];
}

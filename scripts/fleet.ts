import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UsageError } from "../node-agent/src/base/errors.ts";
import { isSet } from "./cli/command.ts";
import { staleParts } from "./fleet/age.ts";
import { type AwsAccount, accountFromEnvironment } from "./fleet/aws.ts";
import { type Freshness, freshnessOf } from "./fleet/freshness.ts";
import { type FleetNode, nodes } from "./fleet/nodes.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";

/** `./greenleaf fleet status [--json]`: instances, versions, health, age and waiting updates, from AWS itself. */
export async function fleet(line: ParsedCommandLine): Promise<number> {
  const { positionals } = line;
  if (positionals[0] !== "status") {
    throw new UsageError(`fleet: there is no "${positionals.join(" ")}"`, {
      code: "usage.fleet",
      why: "it has one part: status",
      fix: "./greenleaf fleet status",
    });
  }
  const account = await accountFromEnvironment();
  const [found, releases] = await Promise.all([nodes(account), releasesOf(account)]);
  const freshness = await freshnessOf(account, { nodes: found, releases });
  process.stdout.write(
    isSet(line, "json") ? documentOf(found, releases, freshness) : tableOf(found, releases, freshness),
  );
  return found.every(healthy) ? EXIT.ready : EXIT.unhealthy;
}

const healthy = ({ state, lifecycle, target }: FleetNode): boolean =>
  state === "running" && ["InService", "none"].includes(lifecycle) && ["healthy", "unused", "-"].includes(target);

type Releases = Readonly<Record<string, Told>>;
interface Told {
  readonly id?: string;
  readonly images?: Readonly<Record<string, string>>;
}

// What each environment is told to run; none before its first release.
async function releasesOf({ region, endpoint, credentials }: AwsAccount): Promise<Releases> {
  const client = new SSMClient({ region, credentials, ...(endpoint === undefined ? {} : { endpoint }) });
  const names = ENVIRONMENTS.map((environment) => `/greenleaf/${environment}/release`);
  const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: names }));
  return Object.fromEntries(
    Parameters.map(({ Name, Value }) => [Name?.split("/")[2] ?? "", JSON.parse(Value ?? "{}") as Told]),
  );
}

function documentOf(found: readonly FleetNode[], told: Releases, freshness: Freshness): string {
  const releases = Object.fromEntries(Object.entries(told).map(([environment, { id = "?" }]) => [environment, id]));
  const { baseDays } = freshness;
  const whole = found.map((node) => ({ ...node, ...freshness.nodes.get(node.id) }));
  return `${JSON.stringify({ nodes: whole, releases, baseDays, warnings: staleParts(found, freshness) }, null, 2)}\n`;
}

const days = (count: number | undefined): string => (count === undefined ? "?" : `${count} d`);

function tableOf(found: readonly FleetNode[], releases: Releases, freshness: Freshness): string {
  const head = [
    "environment",
    "role",
    "zone",
    "instance",
    "type",
    "state",
    "lifecycle",
    "target",
    "template",
    "image",
    "age",
    "updates",
    "agent",
  ];
  const rows = found.map((node) => [
    node.environment,
    node.role,
    node.zone,
    node.id,
    node.type,
    node.state,
    node.lifecycle,
    node.target,
    node.template,
    node.image,
    days(node.imageDays),
    freshness.nodes.get(node.id)?.updates ?? "?",
    `${freshness.nodes.get(node.id)?.agent ?? "?"}, ${days(freshness.nodes.get(node.id)?.agentDays)}`,
  ]);
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const told = Object.entries(releases).map(
    ([name, { id = "?" }]) => `release of ${name}: ${id}, images ${days(freshness.baseDays[name])}`,
  );
  const none = found.length === 0 ? ["no instances"] : [];
  return `${[...lines, ...none, ...told, ...staleParts(found, freshness)].join("\n")}\n`;
}

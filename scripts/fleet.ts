import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT, UsageError } from "../node-agent/src/base/errors.ts";
import { isSet } from "./cli/command.ts";
import { staleImages } from "./fleet/age.ts";
import { type AwsAccount, accountFromEnvironment } from "./fleet/aws.ts";
import { type FleetNode, nodes } from "./fleet/nodes.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";

/** `./greenleaf fleet status [--json]`: instances, versions, health and age of images, from AWS itself. */
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
  const [found, releases] = await Promise.all([nodes(account), releaseIds(account)]);
  process.stdout.write(
    isSet(line, "json")
      ? `${JSON.stringify({ nodes: found, releases, warnings: staleImages(found) }, null, 2)}\n`
      : tableOf(found, releases),
  );
  return found.every(healthy) ? EXIT.ready : EXIT.unhealthy;
}

const healthy = ({ state, lifecycle, target }: FleetNode): boolean =>
  state === "running" && ["InService", "none"].includes(lifecycle) && ["healthy", "unused", "-"].includes(target);

// What each environment is told to run; none before its first release.
async function releaseIds({ region, endpoint, credentials }: AwsAccount): Promise<Readonly<Record<string, string>>> {
  const client = new SSMClient({ region, credentials, ...(endpoint === undefined ? {} : { endpoint }) });
  const names = ENVIRONMENTS.map((environment) => `/greenleaf/${environment}/release`);
  const { Parameters = [] } = await client.send(new GetParametersCommand({ Names: names }));
  return Object.fromEntries(Parameters.map(({ Name, Value }) => [Name?.split("/")[2] ?? "", idOf(Value ?? "{}")]));
}

const idOf = (document: string): string => (JSON.parse(document) as { id?: string }).id ?? "?";

function tableOf(found: readonly FleetNode[], releases: Readonly<Record<string, string>>): string {
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
    node.imageDays === undefined ? "?" : `${node.imageDays} d`,
  ]);
  const widths = head.map((name, column) => Math.max(name.length, ...rows.map((row) => row[column]?.length ?? 0)));
  const lines = [head, ...rows].map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join("  ")
      .trimEnd(),
  );
  const told = Object.entries(releases).map(([environment, id]) => `release of ${environment}: ${id}`);
  const none = found.length === 0 ? ["no instances"] : [];
  return `${[...lines, ...none, ...told, ...staleImages(found)].join("\n")}\n`;
}

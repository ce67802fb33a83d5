import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";
import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { type AwsAccount, query } from "../../scripts/fleet/aws.ts";

const SERVICES = {
  rds: { service: "rds", version: "2014-10-31" },
  elbv2: { service: "elasticloadbalancing", version: "2015-12-01" },
} as const;

/** Names of API parameters by command line option, from AWS's API references; `true` and `false` are flags. */
const OPTIONS: Readonly<Record<string, readonly [parameter: string, flag?: "true" | "false"]>> = {
  "--db-instance-identifier": ["DBInstanceIdentifier"],
  "--source-db-instance-identifier": ["SourceDBInstanceIdentifier"],
  "--target-db-instance-identifier": ["TargetDBInstanceIdentifier"],
  "--db-snapshot-identifier": ["DBSnapshotIdentifier"],
  "--db-subnet-group-name": ["DBSubnetGroupName"],
  "--vpc-security-group-ids": ["VpcSecurityGroupIds.VpcSecurityGroupId.1"],
  "--snapshot-type": ["SnapshotType"],
  "--use-latest-restorable-time": ["UseLatestRestorableTime", "true"],
  "--no-publicly-accessible": ["PubliclyAccessible", "false"],
  "--no-deletion-protection": ["DeletionProtection", "false"],
  "--apply-immediately": ["ApplyImmediately", "true"],
  "--skip-final-snapshot": ["SkipFinalSnapshot", "true"],
  "--load-balancer-arn": ["LoadBalancerArn"],
};
const ACTIONS: Readonly<Record<string, string>> = {
  "restore-db-instance-to-point-in-time": "RestoreDBInstanceToPointInTime",
  "restore-db-instance-from-db-snapshot": "RestoreDBInstanceFromDBSnapshot",
  "describe-db-snapshots": "DescribeDBSnapshots",
  "modify-db-instance": "ModifyDBInstance",
  "delete-db-instance": "DeleteDBInstance",
  "modify-load-balancer-attributes": "ModifyLoadBalancerAttributes",
};

/** Every `aws rds|elbv2 …` command in the code blocks below a heading of a page, each on one line. */
export function commandsUnder(page: string, heading: string): readonly string[] {
  const section = page.split(/^## /m).find((part) => part.startsWith(heading)) ?? "";
  const blocks = [...section.matchAll(/^```sh\n([\s\S]*?)^```/gm)].map(([, block = ""]) => block);
  const lines = blocks
    .join("\n")
    .replaceAll(/\\\n\s*/g, "")
    .split("\n");
  return lines.filter((line) => /^aws (rds|elbv2) /.test(line));
}

/** Sends what the command line of AWS would send; a command or option this does not know is an error. */
export async function send(account: AwsAccount, command: string): Promise<string> {
  const [, service = "", name = "", ...rest] = command.match(/'[^']*'|\S+/g) ?? [];
  if (name === "wait") return available(account, rest);
  const action = ACTIONS[name];
  if (action === undefined) throw new Error(`not known here: ${command}`);
  return query(account, SERVICES[service as keyof typeof SERVICES], action, parametersOf(rest));
}

function parametersOf(words: readonly string[]): Readonly<Record<string, string>> {
  const given = words.flatMap((word, index) =>
    word.startsWith("--") ? [{ word, value: words[index + 1] ?? "" }] : [],
  );
  return Object.assign({}, ...given.map(({ word, value }) => parameterOf(word, value))) as Record<string, string>;
}

function parameterOf(word: string, value: string): Readonly<Record<string, string>> {
  // What to print, not what to send.
  if (word === "--query") return {};
  if (word === "--attributes") {
    const [, key = "", text = ""] = /^Key=([\w.]+),Value=(\w+)$/.exec(value) ?? [];
    return { "Attributes.member.1.Key": key, "Attributes.member.1.Value": text };
  }
  const [parameter, flag] = OPTIONS[word] ?? [];
  if (parameter === undefined) throw new Error(`not known here: ${word}`);
  return { [parameter]: flag ?? value };
}

async function available(account: AwsAccount, [what, ...rest]: readonly string[]): Promise<string> {
  if (what !== "db-instance-available") throw new Error(`not known here: wait ${what}`);
  const wait = { what: "the database to be available", withinMs: 60_000, everyMs: 500, fix: "look at it" };
  return until(systemClock, wait, async () => {
    const xml = await query(account, SERVICES.rds, "DescribeDBInstances", parametersOf(rest));
    const status = elementText(xml, "DBInstanceStatus");
    return status === "available" ? done(xml) : pending(String(status));
  });
}

import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { type AwsAccount, query } from "../../scripts/fleet/aws.ts";

const EC2 = { service: "ec2", version: "2016-11-15" };
const RDS = { service: "rds", version: "2014-10-31" };
const SCALING = { service: "autoscaling", version: "2011-01-01" };
const BALANCER = { service: "elasticloadbalancing", version: "2015-12-01" };

/** What AWS still has of an environment. */
export interface Left {
  readonly vpcs: number;
  readonly instances: number;
  readonly databases: readonly string[];
  readonly snapshots: readonly string[];
  readonly groups: readonly string[];
  readonly balancers: readonly string[];
  readonly balancerArn: string;
  /** Security group of the database. */
  readonly databaseGroup: string;
}

export async function left(account: AwsAccount, environment: string): Promise<Left> {
  const tagged = { "Filter.1.Name": "tag:Environment", "Filter.1.Value.1": environment };
  const alive = { "Filter.2.Name": "instance-state-name", "Filter.2.Value.1": "running" };
  const [vpcs, instances, databases, snapshots, groups, balancers, security] = await Promise.all([
    query(account, EC2, "DescribeVpcs", tagged),
    query(account, EC2, "DescribeInstances", { ...tagged, ...alive }),
    query(account, RDS, "DescribeDBInstances"),
    query(account, RDS, "DescribeDBSnapshots", { SnapshotType: "manual" }),
    query(account, SCALING, "DescribeAutoScalingGroups"),
    query(account, BALANCER, "DescribeLoadBalancers"),
    query(account, EC2, "DescribeSecurityGroups", {
      "Filter.1.Name": "group-name",
      "Filter.1.Value.1": `greenleaf-${environment}-database`,
    }),
  ]);
  const own = (xml: string, name: string) =>
    [...xml.matchAll(new RegExp(`<${name}>(greenleaf-${environment}[^<]*)</${name}>`, "g"))]
      .map(([, text = ""]) => text)
      .filter((text, index, all) => all.indexOf(text) === index);
  return {
    vpcs: vpcs.split("<vpcId>").length - 1,
    instances: instances.split("<instanceId>").length - 1,
    databases: own(databases, "DBInstanceIdentifier"),
    snapshots: own(snapshots, "DBSnapshotIdentifier"),
    groups: own(groups, "AutoScalingGroupName"),
    balancers: own(balancers, "LoadBalancerName"),
    balancerArn: new RegExp(`<LoadBalancerArn>([^<]*/greenleaf-${environment}/[^<]*)<`).exec(balancers)?.[1] ?? "",
    databaseGroup: elementText(security, "groupId") ?? "",
  };
}

/** The long values of a secret: what must be nowhere else. */
export async function secretValues(
  { region, endpoint = "", credentials }: AwsAccount,
  id: string,
): Promise<readonly string[]> {
  const client = new SecretsManagerClient({ region, endpoint, credentials });
  const { SecretString = "{}" } = await client.send(new GetSecretValueCommand({ SecretId: id }));
  return Object.values(JSON.parse(SecretString) as Record<string, string>).filter((value) => value.length > 20);
}

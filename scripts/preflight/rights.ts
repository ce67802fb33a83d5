import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { type AwsAccount, query } from "../fleet/aws.ts";
import { IAM } from "./ask.ts";

/** One call of each kind that an apply makes; who may these is who administers the account. */
const ACTIONS = [
  "acm:RequestCertificate",
  "autoscaling:CreateAutoScalingGroup",
  "budgets:ModifyBudget",
  "cloudwatch:PutMetricAlarm",
  "dynamodb:CreateTable",
  "ec2:AllocateAddress",
  "ec2:CreateLaunchTemplate",
  "ec2:CreateVpc",
  "ec2:RunInstances",
  "elasticache:CreateReplicationGroup",
  "elasticloadbalancing:CreateLoadBalancer",
  "iam:CreateRole",
  "iam:PassRole",
  "iam:PutRolePolicy",
  "kms:CreateKey",
  "logs:CreateLogGroup",
  "rds:CreateDBInstance",
  "s3:CreateBucket",
  "s3:PutObject",
  "secretsmanager:PutSecretValue",
  "sns:CreateTopic",
  "ssm:PutParameter",
] as const;

/** Those of the actions that IAM's simulation denies to whoever asks. The root user is denied nothing. */
export async function deniedActions(account: AwsAccount, arn: string): Promise<readonly string[]> {
  if (arn.endsWith(":root")) return [];
  const names = ACTIONS.map((action, at) => [`ActionNames.member.${at + 1}`, action]);
  const xml = await query(account, IAM, "SimulatePrincipalPolicy", {
    PolicySourceArn: await principalOf(account, arn),
    ...Object.fromEntries(names),
  });
  return xml
    .split("<EvalActionName>")
    .slice(1)
    .filter((part) => !/<EvalDecision>allowed</.test(part))
    .map((part) => part.slice(0, part.indexOf("<")));
}

/** A session stands for a role, which is what has policies; the role's path is not in a session's ARN. */
async function principalOf(account: AwsAccount, arn: string): Promise<string> {
  const role = /^arn:[\w-]+:sts::\d+:assumed-role\/([^/]+)\//.exec(arn)?.[1];
  if (role === undefined) return arn;
  return elementText(await query(account, IAM, "GetRole", { RoleName: role }), "Arn") ?? arn;
}

import { text } from "../../../scripts/fleet/resource.ts";
import { any, every, list, none, type Policy, type Statement, statementsOf } from "./policy.ts";

const ROLE_POLICY = "aws_iam_role_policy";
const allows = (policy: unknown) => statementsOf(policy).filter(({ Effect }) => Effect === "Allow");
const actions = (statement: Statement) => list(statement.Action);
// AWS checks these against no resource, or only against the caller's own session.
const UNSCOPED =
  /^(ssm:(UpdateInstanceInformation|ListAssociations|ListInstanceAssociations|UpdateInstanceAssociationStatus|PutInventory|GetDocument|DescribeDocument)|ssmmessages:|ec2messages:|logs:DescribeLogGroups|ecr:GetAuthorizationToken|secretsmanager:BatchGetSecretValue|autoscaling:Describe|ec2:Describe)/;
const SERVICES = /^[a-z0-9-.]+\.amazonaws\.com$/;

export const ACCESS: readonly Policy[] = [
  every("CKV_AWS_7", "keys are renewed", "aws_kms_key", (v) => v.enable_key_rotation === true),
  every("CKV2_AWS_64", "keys have a policy", "aws_kms_key", (v) => statementsOf(v.policy).length > 0),
  every("CKV_AWS_33", "no key is everybody's", "aws_kms_key", (v) =>
    statementsOf(v.policy).every(
      ({ Principal }) => JSON.stringify(Principal) !== '"*"' && !JSON.stringify(Principal).includes('"AWS":"*"'),
    ),
  ),
  every(
    "CKV_AWS_26",
    "alarms are encrypted",
    "aws_sns_topic",
    (v, { address }) => address !== "" && v.kms_master_key_id !== "",
  ),
  every("CKV_AWS_60", "roles are taken by AWS's services only", "aws_iam_role", (v) =>
    statementsOf(v.assume_role_policy).every(({ Principal }) =>
      SERVICES.test(text((Principal as { Service?: string }).Service)),
    ),
  ),
  every(
    "CKV_AWS_61",
    "no role may be taken by all services of an account",
    "aws_iam_role",
    (v) => !text(v.assume_role_policy).includes(":root"),
  ),
  every("CKV_AWS_62", "no policy allows everything", ROLE_POLICY, (v) =>
    allows(v.policy).every((s) => !actions(s).includes("*")),
  ),
  every("CKV_AWS_63", "no action is a wildcard", ROLE_POLICY, (v) =>
    allows(v.policy).every((s) => actions(s).every((action) => !action.includes("*"))),
  ),
  every("CKV_AWS_355", "a resource is named wherever AWS can check one", ROLE_POLICY, (v) =>
    allows(v.policy).every(
      (s) => !list(s.Resource).includes("*") || actions(s).every((action) => UNSCOPED.test(action)),
    ),
  ),
  every("CKV_AWS_286", "no policy hands out rights", ROLE_POLICY, (v) =>
    allows(v.policy).every((s) => actions(s).every((action) => !/^(iam|sts|organizations):/.test(action))),
  ),
  every("CKV_AWS_288", "secrets are read by name", ROLE_POLICY, (v) =>
    allows(v.policy).every(
      (s) =>
        !actions(s).includes("secretsmanager:GetSecretValue") ||
        list(s.Resource).every((arn) => /:secret:greenleaf\/[a-z]+\/[a-z]+-\?{6}$/.test(arn)),
    ),
  ),
  every("OWN-PARAMETERS", "parameters are read in the own tree only", ROLE_POLICY, (v, _, { environment }) =>
    allows(v.policy).every(
      (s) =>
        !actions(s).some((action) => /^ssm:(GetParameter|PutParameter)/.test(action)) ||
        list(s.Resource).every((arn) => arn.includes(`:parameter/greenleaf/${environment}/`)),
    ),
  ),
  every(
    "OWN-TAGGED-WRITES",
    "routers change only what carries our tags",
    ROLE_POLICY,
    (v, { index }, { environment }) =>
      allows(v.policy).every(
        (s) =>
          !actions(s).some((action) => /^ec2:(?!Describe)/.test(action)) ||
          (index === "router" &&
            JSON.stringify(s.Condition).includes(`"aws:ResourceTag/Environment":"${environment}"`) &&
            JSON.stringify(s.Condition).includes(
              actions(s).includes("ec2:ReplaceRoute")
                ? '"aws:ResourceTag/Tier":"app"'
                : '"aws:ResourceTag/Role":"router"',
            )),
      ),
  ),
  every("OWN-VIA-SERVICE", "bootstrap's key opens only through the services that use it", ROLE_POLICY, (v) =>
    allows(v.policy).every(
      (s) =>
        !list(s.Resource).some((arn) => arn.endsWith(":key/*")) ||
        JSON.stringify(s.Condition).includes("kms:ViaService"),
    ),
  ),
  none("CKV_AWS_273", "no user of IAM", "aws_iam_user"),
  none("OWN-NO-KEY-PAIR", "no key pair", "aws_key_pair"),
  none(
    "OWN-NO-ATTACHMENT",
    "no policy of AWS's own, which reads every parameter of the account",
    "aws_iam_role_policy_attachment",
  ),
  every(
    "CKV_AWS_112",
    "sessions are encrypted",
    "aws_ssm_document",
    (v, { address }) => address.includes("session") && v.document_type === "Session",
  ),
  any("CKV_AWS_297", "schedules are encrypted with our key", "aws_scheduler_schedule", (v) => v.kms_key_arn !== ""),
  every("CKV_AWS_234", "public certificates are in the public log", "aws_acm_certificate", (v) =>
    JSON.stringify(v.options).includes('"ENABLED"'),
  ),
];

import { block, blocks, number, ofType, type Resource, text, type Values } from "../../../scripts/fleet/resource.ts";
import { any, every, list, none, type Policy, statementsOf } from "./policy.ts";

// What terraform validates and plans, and AWS's API then refuses or takes otherwise than meant. Each row's source is in
// tests/aws/refusals.json under the same id.

const GROUP = "aws_autoscaling_group";
const TEMPLATE = "aws_launch_template";
const isRouter = ({ address }: Resource): boolean => address.startsWith("module.router.");
const preferences = (v: Values): Values => block(block(v, "instance_refresh") ?? {}, "preferences") ?? {};
/** What EC2 takes in a description of a security group or of a rule: no quotation mark of any kind. */
const DESCRIPTION = /^[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{0,255}$/;
/** What IAM takes in a description; tabs and line ends aside. */
const LATIN = /^[ -~¡-ÿ]{0,1000}$/;
/** The size of the images that packer bakes (packer/app.pkr.hcl, packer/router.pkr.hcl); AWS starts none on less. */
const IMAGE_GB = { app: 20, router: 8 };

const described = (type: string, allowed: RegExp, id: string): Policy =>
  any(id, "a description has characters that AWS takes", type, (v) => allowed.test(text(v.description)));

const minutes = (window: string): number => {
  const [, hours = "0", rest = "0"] = /(\d\d):(\d\d)$/.exec(window) ?? [];
  return Number(hours) * 60 + Number(rest);
};
const lasts = (window: string): number => {
  const [from = "", to = ""] = window.split("-");
  return (minutes(to) - minutes(from) + 1440) % 1440;
};

const NAMES: ReadonlyArray<readonly [type: string, id: string, allowed: RegExp]> = [
  ["aws_lb", "AWS-LB-NAME", /^(?!internal-)[a-zA-Z0-9][a-zA-Z0-9-]{0,30}[a-zA-Z0-9]$/],
  ["aws_lb_target_group", "AWS-TARGET-GROUP-NAME", /^[a-zA-Z0-9][a-zA-Z0-9-]{0,30}[a-zA-Z0-9]$/],
  ["aws_iam_role", "AWS-ROLE-NAME", /^[\w+=,.@-]{1,64}$/],
  ["aws_security_group", "AWS-GROUP-NAME", /^(?!sg-)[a-zA-Z0-9 ._\-:/()#,@[\]+=&;{}!$*]{1,255}$/],
  ["aws_ssm_parameter", "AWS-PARAMETER-NAME", /^\/(?!aws|ssm)[\w.-]+(\/[\w.-]+){0,14}$/i],
  ["aws_dynamodb_table", "AWS-TABLE-NAME", /^[\w.-]{3,255}$/],
  ["aws_scheduler_schedule", "AWS-SCHEDULE-NAME", /^[\w.-]{1,64}$/],
  [TEMPLATE, "AWS-TEMPLATE-NAME", /^[a-zA-Z0-9().\-/_]{3,125}$/],
];

export const REFUSALS: readonly Policy[] = [
  described("aws_security_group", DESCRIPTION, "AWS-GROUP-DESCRIPTION"),
  described("aws_vpc_security_group_ingress_rule", DESCRIPTION, "AWS-INGRESS-DESCRIPTION"),
  described("aws_vpc_security_group_egress_rule", DESCRIPTION, "AWS-EGRESS-DESCRIPTION"),
  described("aws_iam_role", LATIN, "AWS-ROLE-DESCRIPTION"),
  ...NAMES.map(([type, id, allowed]) =>
    any(id, "a name is one that AWS takes", type, (v) => allowed.test(text(v.name))),
  ),
  every(
    "AWS-ROLLBACK-PARAMETER",
    "no refresh promises to roll back where the image is a parameter: AWS refuses to start it",
    GROUP,
    (v, group, { resources }) =>
      preferences(v).auto_rollback !== true ||
      ofType(resources, TEMPLATE)
        .filter((template) => isRouter(template) === isRouter(group))
        .every((template) => text(template.values.image_id).startsWith("ami-")),
  ),
  every(
    "AWS-ROUTERS-APART",
    "routers neither expire nor refresh by themselves: both would at once, and no zone had a way out",
    GROUP,
    (v, group) =>
      !isRouter(group) || (number(v.max_instance_lifetime) === 0 && blocks(v, "instance_refresh").length === 0),
  ),
  every(
    "AWS-LIFETIME",
    "a lifetime is off, or a day at least",
    GROUP,
    (v) => [0].includes(number(v.max_instance_lifetime)) || number(v.max_instance_lifetime) >= 86_400,
  ),
  every("AWS-MAINTENANCE", "maintenance is within 100 points of percentage", GROUP, (v) => {
    const policy = block(v, "instance_maintenance_policy") ?? {};
    const [low, high] = [number(policy.min_healthy_percentage), number(policy.max_healthy_percentage)];
    return low >= 0 && low <= 100 && high >= 100 && high <= 200 && high - low <= 100;
  }),
  every("AWS-HOOK-TIMES", "a lifecycle hook waits 30 s to two hours", GROUP, (v) =>
    blocks(v, "initial_lifecycle_hook").every(
      (hook) => number(hook.heartbeat_timeout) >= 30 && number(hook.heartbeat_timeout) <= 7200,
    ),
  ),
  every("AWS-VOLUME-SNAPSHOT", "no volume is smaller than the image it is made from", TEMPLATE, (v, template) =>
    blocks(v, "block_device_mappings").every(
      (mapping) => number(block(mapping, "ebs")?.volume_size) >= IMAGE_GB[isRouter(template) ? "router" : "app"],
    ),
  ),
  every(
    "AWS-USER-DATA",
    "user data is below 16 KB before it is encoded",
    TEMPLATE,
    (v) => Buffer.from(text(v.user_data), "base64").length <= 16_384,
  ),
  {
    id: "AWS-RESERVED-ADDRESS",
    what: "a router's fixed and stand-by address are reserved in every public subnet: AWS gives a free one to anybody",
    problems: ({ resources }) => {
      const reserved = ofType(resources, "aws_ec2_subnet_cidr_reservation").map(({ values }) => values);
      const isReserved = (ip: string) =>
        reserved.some((v) => v.reservation_type === "explicit" && text(v.cidr_block) === `${ip}/31`);
      return ofType(resources, "aws_network_interface")
        .filter(({ values }) => !list(values.private_ips as string[]).every(isReserved))
        .map(({ address }) => address);
    },
  },
  none(
    "AWS-ONE-MONITOR",
    "no second monitor of services: an account may have one, and AWS makes it itself",
    "aws_ce_anomaly_monitor",
  ),
  every(
    "AWS-STORAGE-MAXIMUM",
    "storage may grow by a tenth at least",
    "aws_db_instance",
    (v) => number(v.max_allocated_storage) >= number(v.allocated_storage) * 1.1,
  ),
  every(
    "AWS-GP3-SMALL",
    "a small gp3 disk of PostgreSQL names neither IOPS nor throughput",
    "aws_db_instance",
    (v) => v.storage_type !== "gp3" || number(v.allocated_storage) >= 400 || (!v.iops && !v.storage_throughput),
  ),
  every(
    "AWS-WINDOWS",
    "windows last half an hour, the cache's an hour",
    "aws_db_instance",
    (v, _, { resources }) =>
      lasts(text(v.backup_window)) >= 30 &&
      lasts(text(v.maintenance_window)) >= 30 &&
      ofType(resources, "aws_elasticache_replication_group").every(
        ({ values }) => lasts(text(values.snapshot_window)) >= 60 && lasts(text(values.maintenance_window)) >= 60,
      ),
  ),
  every(
    "AWS-CACHE-FAILOVER",
    "a cache in two zones fails over, has a replica, and is no t1",
    "aws_elasticache_replication_group",
    (v) =>
      (v.multi_az_enabled !== true || v.automatic_failover_enabled === true) &&
      (v.automatic_failover_enabled !== true || number(v.num_cache_clusters) > 1) &&
      !text(v.node_type).startsWith("cache.t1."),
  ),
  every(
    "AWS-CACHE-NAME",
    "a cache's name has 40 characters at most, and no two hyphens in a row",
    "aws_elasticache_replication_group",
    (v) => /^[a-z](?!.*--)[a-z0-9-]{0,38}[a-z0-9]$/.test(text(v.replication_group_id)),
  ),
  every(
    "AWS-INLINE-POLICY",
    "a role's own policy has 10,240 characters at most",
    "aws_iam_role_policy",
    (v) => text(v.policy).replaceAll(/\s/g, "").length <= 10_240,
  ),
  every("AWS-SID", "a statement's name has letters and digits only", "aws_iam_role_policy", (v) =>
    statementsOf(v.policy).every(({ Sid }) => /^[a-zA-Z0-9]*$/.test(Sid ?? "")),
  ),
  every(
    "AWS-ALARM-SPAN",
    "an alarm looks back a day at most",
    "aws_cloudwatch_metric_alarm",
    (v) => number(v.period) * number(v.evaluation_periods) <= 86_400,
  ),
  every(
    "AWS-PARAMETER-VALUE",
    "a parameter is neither empty, nor a reference, nor above 4 KB",
    "aws_ssm_parameter",
    (v) =>
      v.value === undefined ||
      v.value === null ||
      (text(v.value) !== "" && !text(v.value).includes("{{") && Buffer.byteLength(text(v.value)) <= 4096),
  ),
  every(
    "AWS-TARGET-TIMES",
    "a balancer's check ends before the next begins",
    "aws_lb_target_group",
    (v) => number(block(v, "health_check")?.timeout) < number(block(v, "health_check")?.interval),
  ),
  every(
    "AWS-PREFIX-RULES",
    "rules and lists together stay below 60 a group",
    "aws_ec2_managed_prefix_list",
    (v, _, { resources }) => {
      const naming = ofType(resources, "aws_vpc_security_group_ingress_rule").filter(({ address }) =>
        address.includes(".cloudflare["),
      );
      return naming.length * number(v.max_entries) <= 60 && number(v.max_entries) >= blocks(v, "entry").length;
    },
  ),
  every(
    "AWS-KEY-OUTLIVES",
    "the key of final snapshots is no resource that a destroy takes along: see the root's prevent_destroy",
    "aws_kms_key",
    (v) => number(v.deletion_window_in_days) === 30,
  ),
  every(
    "AWS-BUDGET-FILTER",
    "a budget filters by a tag's key and value, with AWS's own separator",
    "aws_budgets_budget",
    (v) =>
      blocks(v, "cost_filter").every(
        ({ name, values }) =>
          name !== "TagKeyValue" || list(values as string[]).every((value) => /^user:[^$]+\$[^${}]+$/.test(value)),
      ),
  ),
];

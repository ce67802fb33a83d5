import { block, blocks, number, ofType, text } from "../../../scripts/fleet/resource.ts";
import { any, every, none, type Policy } from "./policy.ts";

const TAGS = ["Project", "Environment", "Owner", "ManagedBy", "CostCenter"];
const AWAKE_ALWAYS = "prod";

export const MONEY: readonly Policy[] = [
  none("FIN-NO-NAT-GATEWAY", "no NAT Gateway: it would cost 73 USD a month", "aws_nat_gateway"),
  every("FIN-GP3", "volumes are gp3", "aws_launch_template", (v) =>
    blocks(v, "block_device_mappings").every((mapping) => block(mapping, "ebs")?.volume_type === "gp3"),
  ),
  every("FIN-GP3-DATABASE", "the database's disk is gp3", "aws_db_instance", (v) => v.storage_type === "gp3"),
  every("FIN-GENERATION", "no previous generation", "aws_launch_template", (v) =>
    /^t3a?\./.test(text(v.instance_type)),
  ),
  every(
    "FIN-CREDITS",
    "the credit mode is said, and Spot and routers never pay for surplus",
    "aws_launch_template",
    (v, { address }, { environment }) => {
      const mode = text(block(v, "credit_specification")?.cpu_credits);
      return address.startsWith("module.app.") && environment !== "dev" ? mode === "unlimited" : mode === "standard";
    },
  ),
  every(
    "FIN-SPOT",
    "all of dev is Spot, and nothing else is",
    "aws_autoscaling_group",
    (v, { address }, { environment }) => {
      const [mixed] = blocks(v, "mixed_instances_policy");
      const [distribution] = blocks(mixed ?? {}, "instances_distribution");
      if (environment !== "dev" || !address.startsWith("module.app.")) return mixed === undefined;
      const overrides = blocks(blocks(mixed ?? {}, "launch_template")[0] ?? {}, "override");
      return (
        distribution?.on_demand_base_capacity === 0 &&
        distribution.on_demand_percentage_above_base_capacity === 0 &&
        distribution.spot_allocation_strategy === "price-capacity-optimized" &&
        overrides.length >= 4 &&
        v.capacity_rebalance === true
      );
    },
  ),
  {
    id: "FIN-SLEEP",
    what: "every group outside prod stops and starts, in a time zone that knows summer",
    problems: ({ environment, resources }) => {
      const moves = ofType(resources, "aws_autoscaling_schedule");
      if (environment === AWAKE_ALWAYS) return moves.map(({ address }) => address);
      const groups = ofType(resources, "aws_autoscaling_group").map(({ values }) => text(values.name));
      const has = (group: string, on: boolean) =>
        moves.some(
          ({ values }) =>
            values.autoscaling_group_name === group &&
            values.time_zone === "Europe/Paris" &&
            number(values.desired_capacity) > 0 === on &&
            number(values.min_size) > 0 === on,
        );
      return groups.filter((group) => !has(group, true) || !has(group, false));
    },
  },
  {
    id: "FIN-SLEEP-DATABASE",
    what: "every database outside prod stops every day and starts, in the same time zone",
    problems: ({ environment, resources }) => {
      const found = ofType(resources, "aws_scheduler_schedule");
      if (environment === AWAKE_ALWAYS) return found.map(({ address }) => address);
      const has = (action: string, cron: RegExp) =>
        found.some(
          ({ values }) =>
            text(blocks(values, "target")[0]?.arn).endsWith(`:rds:${action}`) &&
            values.schedule_expression_timezone === "Europe/Paris" &&
            cron.test(text(values.schedule_expression)),
        );
      return has("stopDBInstance", /^cron\(15 19 \* \* \? \*\)$/) && has("startDBInstance", /^cron\(30 8 /)
        ? []
        : ["aws_scheduler_schedule"];
    },
  },
  {
    id: "FIN-SLEEP-TIMES",
    what: "down at 19:00, up at 9:00, routers around the nodes",
    problems: ({ environment, resources }) => {
      if (environment === AWAKE_ALWAYS) return [];
      const wanted: Record<string, string> = {
        "stop app": "0 19 * * *",
        "start app": "0 9 * * MON-FRI",
        "stop router": "10 19 * * *",
        "start router": "50 8 * * MON-FRI",
      };
      return ofType(resources, "aws_autoscaling_schedule")
        .filter(({ name, index, values }) => values.recurrence !== wanted[`${name} ${String(index).split("-")[0]}`])
        .map(({ address }) => address);
    },
  },
  every(
    "CKV_AWS_66",
    "logs end",
    "aws_cloudwatch_log_group",
    (v) => number(v.retention_in_days) > 0 && number(v.retention_in_days) <= 30,
  ),
  every(
    "CKV_AWS_338",
    "logs are kept for a year",
    "aws_cloudwatch_log_group",
    (v) => number(v.retention_in_days) >= 365,
  ),
  {
    id: "FIN-EIP-QUOTA",
    what: "the Elastic IPs of all environments stay within AWS's five",
    problems: ({ environment, resources }) => {
      const count = ofType(resources, "aws_eip").length;
      return count <= (environment === "dev" ? 1 : 2) && count > 0 ? [] : [`${count} addresses`];
    },
  },
  any("AWS_PROVIDER_MISSING_DEFAULT_TAGS", "whatever can carry tags carries all of them", "aws_vpc", (v) =>
    TAGS.every((tag) => tag in ((v.tags_all as object | null) ?? {})),
  ),
  {
    id: "FIN-TAGS",
    what: "every tagged resource belongs to an environment and a cost centre",
    problems: ({ environment, resources }) =>
      resources
        .filter(({ values }) => values.tags_all !== undefined && values.tags_all !== null)
        .filter(({ values }) => {
          const tags = values.tags_all as Record<string, string>;
          return TAGS.some((tag) => !tags[tag]) || tags.Environment !== environment;
        })
        .map(({ address }) => address),
  },
  every("FIN-BUDGET", "AWS itself warns at 50, 80 and 100 %", "aws_budgets_budget", (v) => {
    const at = new Set(blocks(v, "notification").map((n) => `${n.notification_type} ${n.threshold}`));
    return ["ACTUAL 50", "ACTUAL 80", "ACTUAL 100", "FORECASTED 100"].every((wanted) => at.has(wanted));
  }),
  every("CKV_AWS_319", "alarms tell somebody", "aws_cloudwatch_metric_alarm", (v) => v.actions_enabled !== false),
  every(
    "OWN-NIGHT",
    "what is missing at night is no alarm",
    "aws_cloudwatch_metric_alarm",
    (v) => v.treat_missing_data === "notBreaching",
  ),
];

import { between, byKey, is, matches, named, type Requirements, unused } from "./requirement.ts";

const ALARM = (metric: string, namespace: string) => ({ metric: is(metric), namespace: is(namespace) });
const KINDS = {
  'cpu["': ALARM("CPUUtilization", "AWS/EC2"),
  surplus: ALARM("CPUSurplusCreditsCharged", "AWS/EC2"),
  "credits[": ALARM("CPUCreditBalance", "AWS/EC2"),
  '"errors"': ALARM("HTTPCode_Target_5XX_Count", "AWS/ApplicationELB"),
  '"unhealthy"': ALARM("UnHealthyHostCount", "AWS/ApplicationELB"),
  ".cache[": ALARM("DatabaseMemoryUsagePercentage", "AWS/ElastiCache"),
  '"cpu"': ALARM("CPUUtilization", "AWS/RDS"),
  '"storage"': ALARM("FreeStorageSpace", "AWS/RDS"),
};
const kinds = (member: "metric" | "namespace") =>
  byKey(Object.fromEntries(Object.entries(KINDS).map(([key, kind]) => [key, kind[member]])));

export const MONEY: Requirements = {
  aws_cloudwatch_metric_alarm: {
    actions_enabled: ["an alarm that is off tells nobody", is(true)],
    "alarm_actions[]": ["somebody is told, or a policy acts", matches(/^arn:aws:(sns|autoscaling):/)],
    alarm_description: ["it says what to do", matches(/^.{12,}$/)],
    alarm_name: ["of this environment", named],
    comparison_operator: [
      "too much, or too little",
      byKey(
        {
          '"remove"': is("LessThanThreshold"),
          "credits[": is("LessThanThreshold"),
          '"storage"': is("LessThanThreshold"),
        },
        is("GreaterThanThreshold"),
      ),
    ],
    dimensions: ["of one thing", (value) => typeof value === "object" || value === undefined],
    "dimensions.AutoScalingGroupName": [
      "a group of ours",
      byKey({ "module.app": named, "module.router": named }, unused),
    ],
    "dimensions.CacheClusterId": ["the cache", byKey({ ".cache[": named }, unused)],
    "dimensions.DBInstanceIdentifier": ["the database", byKey({ ".database[": named }, unused)],
    evaluation_periods: ["no alarm for a moment", byKey({ '"remove"': is(15) }, between(3, 5))],
    metric_name: ["the metric it is about", kinds("metric")],
    namespace: ["the service it is about", kinds("namespace")],
    period: ["minutes, but for what is billed by the hour", byKey({ surplus: is(3600) }, is(60, 300))],
    statistic: [
      "the number it is about",
      byKey(
        {
          surplus: is("Sum"),
          '"errors"': is("Sum"),
          '"unhealthy"': is("Maximum"),
          ".cache[": is("Maximum"),
          "credits[": is("Minimum"),
        },
        is("Average"),
      ),
    ],
    threshold: [
      "where a person, or a policy, must act",
      byKey({
        '"add"': is(60),
        '"remove"': is(40),
        surplus: is(0),
        "credits[": between(1, 20),
        '"errors"': between(1, 50),
        '"unhealthy"': is(0),
        ".cache[": between(60, 90),
        '"cpu"': between(60, 90),
        '"storage"': between(1_073_741_824, 5_368_709_120),
      }),
    ],
    treat_missing_data: ["a fleet asleep is not ill", is("notBreaching")],
  },
  aws_cloudwatch_log_group: {
    kms_key_id: ["the environment's own key", matches(/^arn:aws:kms:/)],
    name: ["of this environment", (value) => typeof value === "string" && /greenleaf-(prod|preprod|dev)/.test(value)],
    retention_in_days: ["weeks, not for ever", is(7, 14, 30)],
    skip_destroy: ["it goes with its environment", unused],
  },
  aws_budgets_budget: {
    budget_type: ["money", is("COST")],
    "cost_filter[].name": ["this environment's part", is("TagKeyValue")],
    "cost_filter[].values[]": [
      "this environment's part",
      (value, { environment }) => value === `user:Environment$${environment}`,
    ],
    limit_amount: ["three environments stay below 500", between(20, 350)],
    limit_unit: ["as the price book", is("USD")],
    name: ["of this environment", named],
    "notification[].comparison_operator": ["too much", is("GREATER_THAN")],
    "notification[].notification_type": ["what is, and what will be", is("ACTUAL", "FORECASTED")],
    "notification[].subscriber_email_addresses[]": ["somebody is told", matches(/^[^@\s]+@[^@\s]+\.[a-z]+$/)],
    "notification[].threshold": ["halfway, nearly, over", is(50, 80, 100)],
    "notification[].threshold_type": ["of the limit", is("PERCENTAGE")],
    time_unit: ["a month's bill", is("MONTHLY")],
    time_period_end: ["as long as the shop", matches(/^20[89]\d-/)],
  },
  aws_ce_anomaly_subscription: {
    frequency: ["once a day", is("DAILY")],
    name: ["of this environment", named],
    "subscriber[].address": ["somebody is told", matches(/^[^@\s]+@[^@\s]+\.[a-z]+$/)],
    "subscriber[].type": ["by mail", is("EMAIL")],
    "threshold_expression[].dimension[].key": ["the sum", is("ANOMALY_TOTAL_IMPACT_ABSOLUTE")],
    "threshold_expression[].dimension[].match_options[]": ["and more", is("GREATER_THAN_OR_EQUAL")],
    "threshold_expression[].dimension[].values[]": ["from ten dollars", between(5, 20)],
  },
  aws_sns_topic: {
    content_based_deduplication: ["no queue", unused],
    fifo_topic: ["mail is told in any order", unused],
    kms_master_key_id: ["the environment's own key", matches(/^arn:aws:kms:/)],
    name: ["of this environment", named],
  },
  aws_sns_topic_subscription: {
    confirmation_timeout_in_minutes: ["a person confirms", between(1, 60)],
    endpoint: ["somebody is told", matches(/^[^@\s]+@[^@\s]+\.[a-z]+$/)],
    endpoint_auto_confirms: ["a person confirms", unused],
    protocol: ["by mail", is("email")],
    raw_message_delivery: ["people read it", unused],
  },
};

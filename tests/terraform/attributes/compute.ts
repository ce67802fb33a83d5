import {
  between,
  byKey,
  byRole,
  is,
  matches,
  named,
  type Place,
  type Requirements,
  unused,
  valuesAt,
} from "./requirement.ts";

const NO_SUCH_THING = "nothing here uses it";
const GROUP_KEY = /^greenleaf-(prod|preprod|dev)-(app|router-eu-west-3[ab])$/;

export const COMPUTE: Requirements = {
  aws_autoscaling_group: {
    capacity_rebalance: ["only Spot groups are rebalanced", isSpot],
    default_instance_warmup: ["metrics of a starting node do not scale", between(60, 300)],
    "enabled_metrics[]": ["the dashboard counts nodes", is("GroupDesiredCapacity", "GroupInServiceInstances")],
    force_delete: ["instances are drained before a group goes", is(false)],
    force_delete_warm_pool: [NO_SUCH_THING, unused],
    health_check_grace_period: ["a stock image has time to install itself", between(600, 1200)],
    health_check_type: ["a balanced group believes the balancer", byRole(is("ELB"), is("EC2"))],
    ignore_failed_scaling_activities: ["a node that cannot start is told", is(false)],
    "initial_lifecycle_hook[].default_result": ["a node that says nothing is let go", is("ABANDON", "CONTINUE")],
    "initial_lifecycle_hook[].heartbeat_timeout": [
      "longer than a boot (900 s) or a drain",
      byRole(is(900, 120), is(900, 60)),
    ],
    "initial_lifecycle_hook[].lifecycle_transition": [
      "a node is asked when it comes and when it goes",
      matches(/^autoscaling:EC2_INSTANCE_(LAUNCHING|TERMINATING)$/),
    ],
    "initial_lifecycle_hook[].name": [
      "the agent answers to these names",
      is("greenleaf-launch", "greenleaf-terminate"),
    ],
    "initial_lifecycle_hook[].notification_metadata": [NO_SUCH_THING, unused],
    "initial_lifecycle_hook[].notification_target_arn": ["the node asks metadata itself", unused],
    "initial_lifecycle_hook[].role_arn": ["the node asks metadata itself", unused],
    "instance_maintenance_policy[].max_healthy_percentage": ["as in a refresh", byRole(is(150), is(100))],
    "instance_maintenance_policy[].min_healthy_percentage": ["as in a refresh", byRole(is(100), is(0))],
    "instance_refresh[].preferences[].auto_rollback": [
      "AWS rolls back to no image that is a parameter",
      byRole(is(false), unused),
    ],
    "instance_refresh[].preferences[].max_healthy_percentage": [
      "one node more at a time, but a router's interface is one",
      byRole(is(150), unused),
    ],
    "instance_refresh[].preferences[].min_healthy_percentage": [
      "no node goes before its successor serves",
      byRole(is(100), unused),
    ],
    "instance_refresh[].preferences[].scale_in_protected_instances": [
      "a refresh never waits for ever",
      byRole(is("Ignore"), unused),
    ],
    "instance_refresh[].preferences[].skip_matching": ["a node that is right already stays", byRole(is(true), unused)],
    "instance_refresh[].preferences[].standby_instances": [
      "a refresh never waits for ever",
      byRole(is("Ignore"), unused),
    ],
    "instance_refresh[].strategy": ["the only one that keeps the shop whole", byRole(is("Rolling"), unused)],
    max_instance_lifetime: [
      "no app node grows older than a month; routers would all go at once",
      byRole(between(86_400, 30 * 86_400), is(0)),
    ],
    max_size: ["room for one more of each; a bill with an end", byRole(between(3, 6), is(1))],
    metrics_granularity: ["the only one there is", is("1Minute")],
    min_size: ["two nodes outside dev", byRole(between(1, 2), is(1))],
    "mixed_instances_policy[].launch_template[].override[].instance_type": [
      "holds the containers of a node, where a group is mixed",
      (value, place) => value === undefined || matches(/^t3a?\.(medium|large)$/)(value, place),
    ],
    name: ["the role's policy and the schedules name it", named],
    protect_from_scale_in: ["a group may shrink", is(false)],
    "tag[].key": [
      "the tags the bill and the roles know",
      matches(/^(CostCenter|Environment|ManagedBy|Name|Owner|Project|Role|Zone)$/),
    ],
    "tag[].propagate_at_launch": ["instances carry them", is(true)],
    "tag[].value": [
      "a tag says something",
      matches(/^(shop-\w+|prod|preprod|dev|terraform|platform|greenleaf\S*|app|router|eu-west-3[ab])$/),
    ],
    "termination_policies[]": [
      "the oldest template goes first",
      is("OldestLaunchTemplate", "OldestInstance", "Default"),
    ],
    wait_for_capacity_timeout: ["terraform does not wait for boots", is("0", "10m")],
  },
  aws_autoscaling_policy: {
    adjustment_type: ["a step is so many nodes", is("ChangeInCapacity")],
    autoscaling_group_name: ["it scales this environment's app nodes", matches(GROUP_KEY)],
    enabled: ["a policy that is off scales nothing", is(true)],
    estimated_instance_warmup: ["a starting node is not counted", byKey({ '"add"': between(60, 300) }, unused)],
    metric_aggregation_type: ["of all nodes", is("Average")],
    name: ["the group's name", named],
    policy_type: ["steps, as the guide draws them", is("StepScaling")],
    "step_adjustment[].metric_interval_lower_bound": ["from the threshold up", byKey({ '"add"': is("0") }, unused)],
    "step_adjustment[].metric_interval_upper_bound": [
      "from the threshold down",
      byKey({ '"remove"': is("0") }, unused),
    ],
    "step_adjustment[].scaling_adjustment": ["one node at a time", byKey({ '"add"': is(1), '"remove"': is(-1) })],
  },
  aws_autoscaling_schedule: {
    autoscaling_group_name: ["it wakes a group of this environment", matches(GROUP_KEY)],
    desired_capacity: ["all at nine, none at night", byKey({ "start[": between(1, 2), "stop[": is(0) })],
    max_size: ["the group's own", between(1, 6)],
    min_size: ["as many as wanted", byKey({ "start[": between(1, 2), "stop[": is(0) })],
    recurrence: [
      "awake on working days, asleep every night",
      byKey({ "start[": matches(/^\d+ [89] \* \* MON-FRI$/), "stop[": matches(/^\d+ 19 \* \* \*$/) }),
    ],
    scheduled_action_name: ["it says what it does", matches(/^(start|stop)-/)],
    time_zone: ["the shop's keepers live there", is("Europe/Paris")],
  },
  aws_scheduler_schedule: {
    "flexible_time_window[].mode": ["the database is up when nodes come", is("OFF")],
    name: ["the role's policy names it", named],
    schedule_expression: [
      "the database wakes before the nodes and sleeps after them",
      byKey({
        '"start"': matches(/^cron\(\d+ 8 \? \* MON-FRI \*\)$/),
        '"stop"': matches(/^cron\(\d+ 19 \* \* \? \*\)$/),
      }),
    ],
    schedule_expression_timezone: ["as the groups'", is("Europe/Paris")],
    state: ["a schedule that is off saves nothing", is("ENABLED")],
    "target[].arn": [
      "it starts, or stops, the database",
      byKey({ '"start"': matches(/rds:startDBInstance$/), '"stop"': matches(/rds:stopDBInstance$/) }),
    ],
    "target[].input": ["of this environment", matches(/^\{"DbInstanceIdentifier":"greenleaf-(preprod|dev)"\}$/)],
    "target[].retry_policy[].maximum_event_age_in_seconds": ["an hour late is too late", is(3600)],
    "target[].retry_policy[].maximum_retry_attempts": ["a busy API is asked again", between(3, 20)],
  },
  aws_launch_template: {
    "block_device_mappings[].device_name": ["the root device of both images", is("/dev/xvda")],
    "block_device_mappings[].ebs[].delete_on_termination": ["no volume is paid for after its node", is("true")],
    "block_device_mappings[].ebs[].encrypted": ["volumes are encrypted", is("true")],
    "block_device_mappings[].ebs[].volume_size": ["images, two releases and logs fit", byRole(between(20, 30), is(8))],
    "block_device_mappings[].ebs[].volume_type": ["cheapest that is fast", is("gp3")],
    "credit_specification[].cpu_credits": [
      "a router never bills surplus",
      byRole(is("unlimited", "standard"), is("standard")),
    ],
    ebs_optimized: ["as the type is anyway", is("true")],
    "iam_instance_profile[].name": ["the role of its kind", byRole(matches(/-app$/), matches(/-router$/))],
    image_id: ["an image found when an instance starts", matches(/^(resolve:ssm:\/|ami-)/)],
    instance_type: ["known to the price book", matches(/^t3a?\.(nano|micro|small|medium)$/)],
    "metadata_options[].http_endpoint": ["without metadata no agent can boot", is("enabled")],
    "metadata_options[].http_put_response_hop_limit": ["containers cannot reach it", is(1)],
    "metadata_options[].http_tokens": ["a token is required", is("required")],
    "metadata_options[].instance_metadata_tags": ["tags are not read from there", is("disabled")],
    "monitoring[].enabled": ["scaling reads minutes", byRole(is(true), is(false))],
    name: ["the group's name", named],
    "network_interfaces[].associate_public_ip_address": [
      "a router speaks to the internet itself, a node never",
      byRole(is("false"), is("true")),
    ],
    "network_interfaces[].delete_on_termination": ["no interface is left behind", is("true")],
    "network_interfaces[].device_index": ["the first", is(0)],
    "tag_specifications[].resource_type": [
      "all that an instance brings is tagged",
      is("instance", "volume", "network-interface"),
    ],
    update_default_version: ["a console launch takes the newest", is(true)],
    user_data: ["the agent is installed and told its document", (value) => decoded(value).includes("node.json")],
  },
  terraform_data: {
    "input.launch": ["as the hook's own time", byKey({ ".hooks": is(900) }, unused)],
    "input.terminate": ["as the hook's own time", byKey({ "module.app": is(120), "module.router": is(60) }, unused)],
  },
};

const decoded = (value: unknown): string =>
  Buffer.from(typeof value === "string" ? value : "", "base64").toString("utf8");

/** Spot instances, by their group's own mixed policy, are replaced before they are taken. */
function isSpot(value: unknown, { resource }: Place): boolean {
  return value === valuesAt(resource.values, "mixed_instances_policy[]").some((policy) => policy !== undefined);
}

import { block, blocks, number, text } from "../../../scripts/fleet/resource.ts";
import { any, every, type Policy } from "./policy.ts";

const LT = "aws_launch_template";
const ASG = "aws_autoscaling_group";
const isApp = (address: string) => address.startsWith("module.app.");
const userData = (value: unknown) => Buffer.from(text(value), "base64").toString("utf8");
const SECRET = /AKIA[0-9A-Z]{16}|aws_secret_access_key|BEGIN (RSA |EC )?PRIVATE KEY|password"?\s*[=:]\s*\S/i;

export const COMPUTE: readonly Policy[] = [
  every("CKV_AWS_8", "volumes of nodes are encrypted", LT, (v) =>
    blocks(v, "block_device_mappings").every((mapping) => String(block(mapping, "ebs")?.encrypted) === "true"),
  ),
  any("CKV_AWS_46", "user data holds no secret", LT, (v) => !SECRET.test(userData(v.user_data))),
  every(
    "CKV_AWS_79",
    "instance metadata wants a token",
    LT,
    (v) => block(v, "metadata_options")?.http_tokens === "required",
  ),
  every(
    "CKV_AWS_341",
    "metadata answers no further than the host",
    LT,
    (v) => number(block(v, "metadata_options")?.http_put_response_hop_limit) === 1,
  ),
  every("CKV_AWS_135", "nodes are EBS-optimised", LT, (v) => String(v.ebs_optimized) === "true"),
  every("CKV_AWS_88", "no public address on a node", LT, (v) =>
    blocks(v, "network_interfaces").every((nic) => String(nic.associate_public_ip_address) === "false"),
  ),
  every(
    "CKV_AWS_126",
    "detailed monitoring where scaling reads it",
    LT,
    (v, { address }) => !isApp(address) || block(v, "monitoring")?.enabled === true,
  ),
  every(
    "CKV2_AWS_41",
    "nodes have a role of their own",
    LT,
    (v) => text(block(v, "iam_instance_profile")?.name) !== "",
  ),
  every(
    "CKV_AWS_315",
    "groups use a launch template",
    ASG,
    (v) => blocks(v, "launch_template").length + blocks(v, "mixed_instances_policy").length === 1,
  ),
  every("CKV_AWS_153", "groups hand their tags to instances", ASG, (v) =>
    ["Project", "Environment", "Owner", "ManagedBy", "CostCenter", "Role"].every((key) =>
      blocks(v, "tag").some((tag) => tag.key === key && tag.propagate_at_launch === true),
    ),
  ),
  every(
    "CKV2_AWS_15",
    "a balanced group believes the balancer's health check",
    ASG,
    (v, { address }) => !isApp(address) || v.health_check_type === "ELB",
  ),
  every("OWN-TEMPLATE-VERSION", "no group follows $Latest: a change would roll out to nobody", ASG, (v) =>
    blocks(v, "launch_template").every(({ version }) => version !== "$Latest" && version !== "$Default"),
  ),
  every(
    "OWN-MIN-TWO",
    "two nodes outside dev: 60/40 is stable only then",
    ASG,
    (v, { address }, { environment }) => !isApp(address) || number(v.min_size) >= (environment === "dev" ? 1 : 2),
  ),
  every("OWN-REFRESH", "a refresh keeps the shop whole", ASG, (v, { address }) => {
    const preferences = block(block(v, "instance_refresh") ?? {}, "preferences");
    return !isApp(address) || number(preferences?.min_healthy_percentage) === 100;
  }),
  every(
    "OWN-MAINTENANCE",
    "a replacement comes before its predecessor goes, but for routers, whose interface is one",
    ASG,
    (v, { address }) =>
      number(block(v, "instance_maintenance_policy")?.min_healthy_percentage) === (isApp(address) ? 100 : 0),
  ),
  every("OWN-HOOKS", "an instance that never gets healthy is abandoned, one that leaves is let go", ASG, (v) => {
    const hooks = blocks(v, "initial_lifecycle_hook");
    const result = (name: string) => hooks.find((hook) => hook.name === name)?.default_result;
    return result("greenleaf-launch") === "ABANDON" && result("greenleaf-terminate") === "CONTINUE";
  }),
  every(
    "OWN-GRACE",
    "a stock image has time to install itself",
    ASG,
    (v) => number(v.health_check_grace_period) >= 600,
  ),
  every("OWN-WARMUP", "metrics of a starting node do not scale", ASG, (v) => number(v.default_instance_warmup) >= 60),
  every(
    "OWN-LIFETIME",
    "no app node grows older than a month",
    ASG,
    (v, { address }) => number(v.max_instance_lifetime) === (isApp(address) ? 30 * 86_400 : 0),
  ),
  every(
    "OWN-STEP",
    "above 60 % one more, below 40 % one less",
    "aws_cloudwatch_metric_alarm",
    (v, { address, index }) => {
      if (!address.includes("module.app.aws_cloudwatch_metric_alarm.cpu[")) return true;
      const wanted = index === "add" ? ["GreaterThanThreshold", 60] : ["LessThanThreshold", 40];
      return v.comparison_operator === wanted[0] && v.threshold === wanted[1] && v.metric_name === "CPUUtilization";
    },
  ),
  every(
    "OWN-STEP-SIZE",
    "one node at a time",
    "aws_autoscaling_policy",
    (v, { index }) =>
      v.policy_type === "StepScaling" &&
      blocks(v, "step_adjustment").every((step) => step.scaling_adjustment === (index === "add" ? 1 : -1)),
  ),
];

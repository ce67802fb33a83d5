/** One wrong edit of the configuration, and the check that must notice it. */
export interface Mutant {
  readonly file: string;
  readonly from: string;
  readonly to: string;
  /** Policy id, or `reachability`. */
  readonly kill: string;
  /** Part of the address the finding names. */
  readonly at?: string;
  readonly environment?: "prod" | "preprod" | "dev";
}

const m = (file: string, from: string, to: string, kill: string, rest: Partial<Mutant> = {}): Mutant => ({
  file: `modules/${file}`,
  from,
  to,
  kill,
  ...rest,
});

const NET = "network/main.tf";
const FLOWS = "network/flows.tf";
const LT = "compute/main.tf";
const GROUP = "group/main.tf";
const DATA = "data/main.tf";
const LB = "balancer/main.tf";
const LOGS = "observability/logs.tf";
const ACCESS = "access/main.tf";
const SCHEDULES = "schedules/main.tf";

export const MUTANTS: readonly Mutant[] = [
  // Nodes
  m(LT, "http_put_response_hop_limit = 1", "http_put_response_hop_limit = 2", "CKV_AWS_341"),
  m(LT, 'http_tokens                 = "required"', 'http_tokens                 = "optional"', "CKV_AWS_79"),
  m(LT, "encrypted             = true", "encrypted             = false", "CKV_AWS_8"),
  m(LT, 'volume_type           = "gp3"', 'volume_type           = "gp2"', "FIN-GP3"),
  m(LT, "associate_public_ip_address = var.public_address", "associate_public_ip_address = true", "CKV_AWS_88", {
    at: "module.app",
  }),
  m(LT, "ebs_optimized          = true", "ebs_optimized          = false", "CKV_AWS_135"),
  m(LT, "cpu_credits = var.credits", 'cpu_credits = "unlimited"', "FIN-CREDITS", { at: "module.router" }),
  m(LT, "enabled = var.detailed_monitoring", "enabled = false", "CKV_AWS_126"),
  m(LT, "node       = var.node", 'node       = merge(var.node, { password = "hunter2" })', "CKV_AWS_46"),
  m(GROUP, "version = launch_template.value.version", 'version = "$Latest"', "OWN-TEMPLATE-VERSION"),
  m(
    GROUP,
    'health_check_type         = var.load_balanced ? "ELB" : "EC2"',
    'health_check_type         = "EC2"',
    "CKV2_AWS_15",
  ),
  m(GROUP, "auto_rollback          = true", "auto_rollback          = false", "OWN-REFRESH"),
  m(
    GROUP,
    "min_healthy_percentage = var.replace_first ? 0 : 100\n    max_healthy_percentage = var.replace_first ? 100 : 150\n  }\n\n  instance_refresh",
    "min_healthy_percentage = 0\n    max_healthy_percentage = 100\n  }\n\n  instance_refresh",
    "OWN-MAINTENANCE",
  ),
  m(GROUP, 'default_result       = "ABANDON"', 'default_result       = "CONTINUE"', "OWN-HOOKS"),
  m(GROUP, "max_instance_lifetime     = 30 * 24 * 3600", "max_instance_lifetime     = 365 * 24 * 3600", "OWN-LIFETIME"),
  m(GROUP, "default_instance_warmup   = 120", "default_instance_warmup   = 0", "OWN-WARMUP"),
  m(GROUP, "propagate_at_launch = true", "propagate_at_launch = false", "CKV_AWS_153"),
  m(
    "app/main.tf",
    "size          = { min = var.app.min, max = var.app.max }",
    "size          = { min = 1, max = var.app.max }",
    "OWN-MIN-TWO",
  ),
  m("app/main.tf", "threshold = 60, minutes = 3", "threshold = 80, minutes = 3", "OWN-STEP", { at: "add" }),
  m("app/main.tf", "for_each = { add = 1, remove = -1 }", "for_each = { add = 2, remove = -1 }", "OWN-STEP-SIZE"),
  m("group/variables.tf", "default     = 600", "default     = 60", "OWN-GRACE"),
  m("app/main.tf", "spot_types    = var.app.spot ? var.app.spot_types : []", "spot_types    = []", "FIN-SPOT", {
    environment: "dev",
  }),
  m(GROUP, "on_demand_base_capacity                  = 0", "on_demand_base_capacity                  = 1", "FIN-SPOT", {
    environment: "dev",
    file: "modules/group/main.tf",
  }),
  m(GROUP, "capacity_rebalance        = length(var.spot_types) > 0", "capacity_rebalance        = false", "FIN-SPOT", {
    environment: "dev",
  }),
  // Network
  m(NET, "map_public_ip_on_launch = false", "map_public_ip_on_launch = true", "CKV_AWS_130"),
  m(NET, 'traffic_type             = "REJECT"', 'traffic_type             = "ACCEPT"', "CKV2_AWS_11"),
  m("router/main.tf", "source_dest_check = false", "source_dest_check = true", "OWN-SOURCE-CHECK"),
  m(
    FLOWS,
    'description       = "Cloudflare to the load balancer (${each.key})"',
    'description       = "x"',
    "CKV_AWS_23",
  ),
  m(
    FLOWS,
    'ip_protocol       = "tcp"\n  from_port         = each.value\n  to_port           = each.value\n}\n\nresource "aws_vpc_security_group_egress_rule" "balancer_to_app"',
    'ip_protocol       = "tcp"\n  from_port         = 0\n  to_port           = 65535\n}\n\nresource "aws_vpc_security_group_egress_rule" "balancer_to_app"',
    "CKV_AWS_277",
  ),
  m(FLOWS, "prefix_list_id    = var.cloudflare_prefix_list_id", 'cidr_ipv4         = "0.0.0.0/0"', "CKV_AWS_260"),
  m(
    FLOWS,
    'referenced_security_group_id = aws_security_group.this["app"].id\n  ip_protocol                  = "tcp"\n  from_port                    = each.value\n',
    'referenced_security_group_id = aws_security_group.this["router"].id\n  ip_protocol                  = "tcp"\n  from_port                    = each.value\n',
    "reachability",
    { at: "database" },
  ),
  m(
    FLOWS,
    "internet_ports = { https = 443, http = 80 }",
    "internet_ports = { https = 443, http = 80, mail = 25 }",
    "reachability",
    { at: "tcp/25" },
  ),
  m(
    FLOWS,
    'heartbeat = { protocol = "udp", port = 7946 }',
    'heartbeat = { protocol = "udp", port = 7950 }',
    "reachability",
    { at: "udp/7950" },
  ),
  m(
    NET,
    "route_table_id = aws_route_table.data.id\n}",
    "route_table_id = aws_route_table.public.id\n}",
    "reachability",
    { at: "data subnet" },
  ),
  m(
    NET,
    'service_name      = "com.amazonaws.${var.region}.s3"',
    'service_name      = "com.amazonaws.${var.region}.dynamodb"',
    "OWN-ENDPOINT",
  ),
  // Balancer
  m(LB, "drop_invalid_header_fields = true", "drop_invalid_header_fields = false", "CKV_AWS_131"),
  m(LB, 'desync_mitigation_mode     = "defensive"', 'desync_mitigation_mode     = "monitor"', "CKV_AWS_328"),
  m(
    LB,
    'ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"',
    'ssl_policy        = "ELBSecurityPolicy-2016-08"',
    "CKV2_AWS_74",
  ),
  m(
    LB,
    'type = "redirect"\n\n    redirect {\n      port        = "443"\n      protocol    = "HTTPS"',
    'type = "redirect"\n\n    redirect {\n      port        = "8443"\n      protocol    = "HTTP"',
    "CKV2_AWS_20",
  ),
  m(LB, 'http_header_name = "X-GreenLeaf-Origin"', 'http_header_name = "X-Forwarded-For"', "OWN-ORIGIN-HEADER"),
  m(LB, 'status_code  = "403"', 'status_code  = "200"', "OWN-DEFAULT-DENY"),
  m(LB, "enable_deletion_protection = var.protected", "enable_deletion_protection = false", "CKV_AWS_150"),
  m(LB, 'path                = "/healthz"', 'path                = "/"', "CKV_AWS_261"),
  m(
    LB,
    'load_balancing_algorithm_type = "least_outstanding_requests"',
    'load_balancing_algorithm_type = "round_robin"',
    "OWN-LEAST-BUSY",
  ),
  m(LB, "deregistration_delay = 30", "deregistration_delay = 300", "OWN-DEREGISTER"),
  m(LB, "max_entries    = length(local.cloudflare.ranges)", "max_entries    = 60", "OWN-PREFIX-QUOTA"),
  // Data
  m(DATA, "storage_encrypted     = true", "storage_encrypted     = false", "CKV_AWS_16"),
  m(DATA, "publicly_accessible    = false", "publicly_accessible    = true", "CKV_AWS_17"),
  m(DATA, "multi_az       = var.database.multi_az", "multi_az       = false", "CKV_AWS_157"),
  m(DATA, "deletion_protection       = var.database.protected", "deletion_protection       = false", "CKV_AWS_293"),
  m(DATA, "skip_final_snapshot       = false", "skip_final_snapshot       = true", "OWN-FINAL-SNAPSHOT"),
  m(DATA, "backup_retention_period   = var.database.backup_days", "backup_retention_period   = 0", "CKV_AWS_133"),
  m(DATA, 'name  = "rds.force_ssl"\n    value = "1"', 'name  = "rds.force_ssl"\n    value = "0"', "CKV2_AWS_69"),
  m(DATA, "copy_tags_to_snapshot     = true", "copy_tags_to_snapshot     = false", "CKV2_AWS_60"),
  m(
    DATA,
    "performance_insights_enabled          = true",
    "performance_insights_enabled          = false",
    "CKV_AWS_353",
  ),
  m(DATA, 'storage_type          = "gp3"', 'storage_type          = "gp2"', "FIN-GP3-DATABASE"),
  m(DATA, 'transit_encryption_mode    = "required"', 'transit_encryption_mode    = "preferred"', "CKV_AWS_30"),
  m(DATA, "user_group_ids       = [var.cache_user_group]", "user_group_ids       = []", "CKV_AWS_31"),
  m(DATA, "multi_az_enabled           = var.cache.nodes > 1", "multi_az_enabled           = false", "CKV2_AWS_50"),
  m(DATA, 'value = "noeviction"', 'value = "allkeys-lru"', "OWN-QUEUE"),
  m(
    DATA,
    "password_wo         = var.master_password\n  password_wo_version = 1",
    'password            = "hunter2-hunter2"',
    "OWN-PASSWORD",
  ),
  // Access
  m("secrets/main.tf", "enable_key_rotation     = true", "enable_key_rotation     = false", "CKV_AWS_7"),
  m(
    ACCESS,
    'Resource = [for name in var.secrets : "arn:aws:secretsmanager:${local.arn}:secret:${trimprefix(var.tree, "/")}/${name}-??????"]',
    'Resource = ["arn:aws:secretsmanager:${local.arn}:secret:*"]',
    "CKV_AWS_288",
  ),
  m(
    ACCESS,
    'Action = "ssm:GetParameters", Resource = "arn:aws:ssm:${local.arn}:parameter${var.tree}/*"',
    'Action = "ssm:GetParameters", Resource = "arn:aws:ssm:${local.arn}:parameter/*"',
    "OWN-PARAMETERS",
  ),
  m(ACCESS, "Condition = local.ours\n", "Condition = {}\n", "OWN-TAGGED-WRITES"),
  m(ACCESS, '"ec2:AssignPrivateIpAddresses", "ec2:ReplaceRoute",', '"ec2:*",', "CKV_AWS_63"),
  m(ACCESS, 'Principal = { Service = "ec2.amazonaws.com" }', 'Principal = { AWS = "*" }', "CKV_AWS_60"),
  m(LOGS, "block_public_policy     = true", "block_public_policy     = false", "CKV_AWS_54"),
  m(LOGS, "days_after_initiation = 1", "days_after_initiation = 7", "CKV_AWS_300"),
  m(LOGS, '"aws:SecureTransport" = "false"', '"aws:SecureTransport" = "true"', "OWN-TLS-BUCKET"),
  // Money
  m(
    SCHEDULES,
    "time_zone              = local.zone\n  min_size               = 0",
    'time_zone              = "Etc/UTC"\n  min_size               = 0',
    "FIN-SLEEP",
    { environment: "preprod" },
  ),
  m(SCHEDULES, "stop = { app = local.at.stop,", "stop = { app = local.at.stop + 60,", "FIN-SLEEP-TIMES", {
    environment: "preprod",
  }),
  m(
    SCHEDULES,
    "schedule_expression_timezone = local.zone",
    'schedule_expression_timezone = "Etc/UTC"',
    "FIN-SLEEP-DATABASE",
    { environment: "preprod" },
  ),
  m(SCHEDULES, "desired_capacity       = 0", "desired_capacity       = 1", "FIN-SLEEP", { environment: "preprod" }),
  m(
    SCHEDULES,
    'start = { at = local.start.database, days = local.days, action = "startDBInstance" }',
    'start = { at = local.start.database, days = local.days, action = "stopDBInstance" }',
    "FIN-SLEEP-DATABASE",
    { environment: "preprod" },
  ),
  m(DATA, "retention_in_days = var.log_days", "retention_in_days = 365", "CKV_AWS_66"),
  m("observability/main.tf", '50 = "ACTUAL", 80', '55 = "ACTUAL", 80', "FIN-BUDGET"),
  { file: "locals.tf", from: '    CostCenter  = "shop-${var.environment}"\n', to: "", kill: "FIN-TAGS" },
];

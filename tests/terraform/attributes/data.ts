import { between, byEnvironment, is, matches, named, type Requirements, unused } from "./requirement.ts";

const PAID_ONCE = "nothing here pays for it";
const own = named;

export const DATA: Requirements = {
  aws_db_instance: {
    allocated_storage: ["a small shop", between(20, 50)],
    allow_major_version_upgrade: ["a new major version in the plan is meant", is(true)],
    apply_immediately: ["a change of size waits for the window", is(false, true)],
    auto_minor_version_upgrade: ["security updates come by themselves", is(true)],
    backup_retention_period: ["a week of backups where customers are", byEnvironment(between(7, 35), between(1, 35))],
    backup_window: ["outside the maintenance window, which AWS asks for", windowsApart],
    ca_cert_identifier: ["the agent carries its authority", is("rds-ca-rsa2048-g1")],
    copy_tags_to_snapshot: ["snapshots are on the bill", is(true)],
    db_name: ["as the parameters say", is("medusa")],
    db_subnet_group_name: ["the data subnets", own],
    dedicated_log_volume: [PAID_ONCE, is(false)],
    delete_automated_backups: ["backups outlive a mistake", is(false)],
    deletion_protection: ["customers' data is not deleted by mistake", byEnvironment(is(true), is(true, false))],
    "enabled_cloudwatch_logs_exports[]": ["its logs are kept", is("postgresql", "upgrade")],
    engine: ["Medusa's database", is("postgres")],
    engine_version: ["the version of the tests", is("17")],
    iam_database_authentication_enabled: ["people need no password", is(true)],
    identifier: ["the schedules and alarms name it", own],
    instance_class: ["known to the price book", matches(/^db\.t4g\.(micro|small|medium)$/)],
    kms_key_id: ["the environment's own key", matches(/^arn:aws:kms:/)],
    maintenance_window: ["outside the backup window, on a quiet day", matches(/^sun:0\d:\d\d-sun:0\d:\d\d$/)],
    max_allocated_storage: ["it grows before it is full, and not without end", between(50, 200)],
    monitoring_interval: ["enhanced monitoring", between(1, 60)],
    multi_az: ["a copy in another zone where customers are", byEnvironment(is(true), is(true, false))],
    password_wo_version: ["a new number sets a new password", between(1, 1000)],
    performance_insights_enabled: ["slow statements are found", is(true)],
    performance_insights_retention_period: ["the free week", is(7)],
    port: ["as the rules open", is(5432)],
    publicly_accessible: ["no public address", is(false)],
    skip_final_snapshot: ["a deleted database leaves a copy", is(false)],
    storage_encrypted: ["encrypted at rest", is(true)],
    storage_type: ["cheapest that is fast", is("gp3")],
    username: ["the secret's own", is("greenleaf")],
  },
  aws_db_parameter_group: {
    family: ["the engine's", is("postgres17")],
    name_prefix: ["of this environment", own],
    "parameter[].apply_method": ["without a restart", is("immediate", "pending-reboot")],
    "parameter[].name": ["what is set", is("log_min_duration_statement", "log_statement", "rds.force_ssl")],
    "parameter[].value": ["TLS forced, slow and changing statements logged", is("1000", "ddl", "1")],
    skip_destroy: ["it goes with its database", unused],
  },
  aws_db_subnet_group: { name: ["the database names it", own] },
  aws_elasticache_subnet_group: { name: ["the cache names it", own] },
  aws_elasticache_parameter_group: {
    family: ["the engine's", is("valkey8")],
    name: ["the cache names it", own],
    "parameter[].name": ["what is set", is("maxmemory-policy")],
    "parameter[].value": ["queues are never evicted", is("noeviction")],
  },
  aws_elasticache_replication_group: {
    apply_immediately: ["a change of nodes is asked for, not found", is(true)],
    at_rest_encryption_enabled: ["encrypted at rest", is("true")],
    auth_token_update_strategy: ["users, not tokens, log in", is("ROTATE")],
    auto_minor_version_upgrade: ["security updates come by themselves", is("true")],
    automatic_failover_enabled: [
      "a lost node is replaced where customers are",
      byEnvironment(is(true), is(true, false)),
    ],
    engine: ["Valkey", is("valkey")],
    engine_version: ["the version of the tests", matches(/^8\./)],
    kms_key_id: ["the environment's own key", matches(/^arn:aws:kms:/)],
    maintenance_window: ["a quiet hour, apart from the snapshot", matches(/^sun:0\d:\d\d-sun:0\d:\d\d$/)],
    multi_az_enabled: ["two zones where customers are", byEnvironment(is(true), is(true, false))],
    node_type: ["known to the price book", matches(/^cache\.t(3|4g)\.(micro|small)$/)],
    num_cache_clusters: ["a copy where customers are", byEnvironment(is(2), between(1, 2))],
    parameter_group_name: ["nothing is evicted", own],
    port: ["as the rules open", is(6379)],
    replication_group_id: ["the alarms name it", own],
    snapshot_retention_limit: ["a week where customers are", byEnvironment(between(7, 35), between(0, 35))],
    snapshot_window: ["apart from maintenance", matches(/^0\d:\d\d-0\d:\d\d$/)],
    subnet_group_name: ["the data subnets", own],
    transit_encryption_enabled: ["TLS", is(true)],
    transit_encryption_mode: ["nothing in clear", is("required")],
    "user_group_ids[]": ["only our user logs in", own],
  },
  aws_dynamodb_table: {
    "attribute[].name": ["the key", is("zone")],
    "attribute[].type": ["a name", is("S")],
    billing_mode: ["cents a month", is("PAY_PER_REQUEST")],
    hash_key: ["one lease a zone", is("zone")],
    name: ["the routers' policy names it", own],
    "point_in_time_recovery[].enabled": ["as every table", is(true)],
    "server_side_encryption[].enabled": ["encrypted with our key", is(true)],
  },
};

function windowsApart(
  value: unknown,
  { resource }: { resource: { values: Readonly<Record<string, unknown>> } },
): boolean {
  const backup = minutesOf(String(value));
  const maintenance = minutesOf(String(resource.values.maintenance_window).replaceAll(/[a-z]{3}:/g, ""));
  if (backup === undefined || maintenance === undefined) return false;
  return backup[1] <= maintenance[0] || backup[0] >= maintenance[1];
}

function minutesOf(window: string): readonly [number, number] | undefined {
  const found = /^(\d\d):(\d\d)-(\d\d):(\d\d)$/.exec(window);
  if (!found) return undefined;
  const [, h = "", m = "", h2 = "", m2 = ""] = found;
  return [Number(h) * 60 + Number(m), Number(h2) * 60 + Number(m2)];
}

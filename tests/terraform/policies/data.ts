import { blocks, number, text } from "../../../scripts/fleet/resource.ts";
import { any, every, type Policy, perBucket, statementsOf } from "./policy.ts";

const DB = "aws_db_instance";
const CACHE = "aws_elasticache_replication_group";
const param = (v: Parameters<typeof blocks>[0], name: string) =>
  blocks(v, "parameter").find((p) => p.name === name)?.value;

export const DATA: readonly Policy[] = [
  every("CKV_AWS_16", "the database is encrypted at rest", DB, (v) => v.storage_encrypted === true),
  every("CKV_AWS_17", "the database has no public address", DB, (v) => v.publicly_accessible === false),
  every("CKV_AWS_118", "enhanced monitoring is on", DB, (v) => number(v.monitoring_interval) >= 1),
  every("CKV_AWS_129", "the database's logs are kept", DB, (v) =>
    ["postgresql", "upgrade"].every((log) =>
      ((v.enabled_cloudwatch_logs_exports as string[] | null) ?? []).includes(log),
    ),
  ),
  every(
    "CKV_AWS_133",
    "the database is backed up",
    DB,
    (v, _, { environment }) => number(v.backup_retention_period) >= (environment === "dev" ? 1 : 7),
  ),
  every("CKV_AWS_157", "a copy of the database stands in another zone", DB, (v) => v.multi_az === true),
  every("CKV_AWS_161", "IAM may log in to the database", DB, (v) => v.iam_database_authentication_enabled === true),
  every(
    "CKV_AWS_211",
    "the database has a current certificate",
    DB,
    (v) => v.ca_cert_identifier === "rds-ca-rsa2048-g1",
  ),
  every(
    "CKV_AWS_226",
    "minor versions of the database come by themselves",
    DB,
    (v) => v.auto_minor_version_upgrade === true,
  ),
  every("CKV_AWS_293", "the database cannot be deleted by mistake", DB, (v) => v.deletion_protection === true),
  every("CKV_AWS_353", "Performance Insights is on", DB, (v) => v.performance_insights_enabled === true),
  every(
    "CKV_AWS_354",
    "Performance Insights stays in the free week",
    DB,
    (v) => number(v.performance_insights_retention_period) === 7,
  ),
  every("CKV2_AWS_60", "snapshots keep their tags", DB, (v) => v.copy_tags_to_snapshot === true),
  every(
    "CKV2_AWS_69",
    "the database refuses clear text",
    "aws_db_parameter_group",
    (v) => param(v, "rds.force_ssl") === "1",
  ),
  every(
    "CKV2_AWS_30",
    "slow and changing statements are logged",
    "aws_db_parameter_group",
    (v) => Number(param(v, "log_min_duration_statement")) > 0 && param(v, "log_statement") === "ddl",
  ),
  every(
    "OWN-FINAL-SNAPSHOT",
    "a destroyed database leaves a snapshot and its backups",
    DB,
    (v) => v.skip_final_snapshot === false && v.delete_automated_backups === false,
  ),
  every(
    "OWN-PASSWORD",
    "the master password is in no state",
    DB,
    (v) => (v.password ?? null) === null && v.password_wo_version === 1,
  ),
  every("OWN-GROWTH", "a full disk grows", DB, (v) => number(v.max_allocated_storage) > number(v.allocated_storage)),
  every("CKV_AWS_29", "the cache is encrypted at rest", CACHE, (v) => String(v.at_rest_encryption_enabled) === "true"),
  every(
    "CKV_AWS_30",
    "the cache speaks TLS only",
    CACHE,
    (v) => v.transit_encryption_enabled === true && v.transit_encryption_mode === "required",
  ),
  // checkov wants auth_token, which would be in the state; a user group asks for a password as well.
  every(
    "CKV_AWS_31",
    "the cache wants a password",
    CACHE,
    (v) => ((v.user_group_ids as string[] | null) ?? []).length === 1,
  ),
  every("CKV_AWS_134", "the cache is backed up", CACHE, (v) => number(v.snapshot_retention_limit) >= 1),
  every(
    "CKV_AWS_322",
    "minor versions of the cache come by themselves",
    CACHE,
    (v) => String(v.auto_minor_version_upgrade) === "true",
  ),
  every(
    "CKV2_AWS_50",
    "the cache fails over to another zone",
    CACHE,
    (v) => v.automatic_failover_enabled === true && v.multi_az_enabled === true && number(v.num_cache_clusters) >= 2,
  ),
  every(
    "OWN-QUEUE",
    "the cache never drops a queue",
    "aws_elasticache_parameter_group",
    (v) => param(v, "maxmemory-policy") === "noeviction",
  ),
  every(
    "CKV_AWS_28",
    "the lease table can be restored",
    "aws_dynamodb_table",
    (v) => blocks(v, "point_in_time_recovery")[0]?.enabled === true,
  ),
  every(
    "CKV_AWS_119",
    "the lease table is encrypted with our key",
    "aws_dynamodb_table",
    (v) => blocks(v, "server_side_encryption")[0]?.enabled === true,
  ),
  perBucket("CKV_AWS_19", "buckets are encrypted", "aws_s3_bucket_server_side_encryption_configuration", () => true),
  perBucket(
    "CKV_AWS_145",
    "buckets are encrypted with our key",
    "aws_s3_bucket_server_side_encryption_configuration",
    (v) => JSON.stringify(v).includes("aws:kms"),
  ),
  perBucket(
    "CKV_AWS_21",
    "buckets keep versions",
    "aws_s3_bucket_versioning",
    (v) => blocks(v, "versioning_configuration")[0]?.status === "Enabled",
  ),
  perBucket(
    "CKV_AWS_53",
    "no public ACL can be set",
    "aws_s3_bucket_public_access_block",
    (v) => v.block_public_acls === true,
  ),
  perBucket(
    "CKV_AWS_54",
    "no public policy can be set",
    "aws_s3_bucket_public_access_block",
    (v) => v.block_public_policy === true,
  ),
  perBucket(
    "CKV_AWS_55",
    "public ACLs are ignored",
    "aws_s3_bucket_public_access_block",
    (v) => v.ignore_public_acls === true,
  ),
  perBucket(
    "CKV_AWS_56",
    "public buckets are cut off",
    "aws_s3_bucket_public_access_block",
    (v) => v.restrict_public_buckets === true,
  ),
  perBucket("CKV_AWS_300", "broken uploads are cleared", "aws_s3_bucket_lifecycle_configuration", (v) =>
    JSON.stringify(v).includes('"days_after_initiation":1'),
  ),
  perBucket("CKV2_AWS_61", "objects end", "aws_s3_bucket_lifecycle_configuration", (v) =>
    blocks(v, "rule").every((rule) => number(blocks(rule, "expiration")[0]?.days) <= 30),
  ),
  perBucket(
    "CKV2_AWS_65",
    "buckets have no ACLs",
    "aws_s3_bucket_ownership_controls",
    (v) => blocks(v, "rule")[0]?.object_ownership === "BucketOwnerEnforced",
  ),
  perBucket("OWN-TLS-BUCKET", "buckets refuse clear text", "aws_s3_bucket_policy", (v) =>
    statementsOf(v.policy).some(
      ({ Effect, Condition }) =>
        Effect === "Deny" && JSON.stringify(Condition).includes('"aws:SecureTransport":"false"'),
    ),
  ),
  any(
    "CKV2_AWS_34",
    "no parameter of Terraform's is a secret in clear text",
    "aws_ssm_parameter",
    (v) => !/password|secret|token|_key$/i.test(text(v.name)),
  ),
];

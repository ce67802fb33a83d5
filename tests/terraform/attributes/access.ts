import { between, byKey, is, matches, named, type Requirements, unused } from "./requirement.ts";

type Principal = Readonly<Record<string, string | readonly string[]>>;
const trusts =
  (service: string) =>
  (value: unknown): boolean => {
    const { Statement = [] } = JSON.parse(typeof value === "string" && value.startsWith("{") ? value : "{}") as {
      Statement?: ReadonlyArray<{ Effect: string; Action: string; Principal: Principal }>;
    };
    return (
      Statement.length === 1 &&
      Statement.every(
        ({ Effect, Action, Principal }) =>
          Effect === "Allow" && Action === "sts:AssumeRole" && Principal.Service === service,
      )
    );
  };
const policy = matches(/^\{.*"Statement":\[\{/s);

export const ACCESS: Requirements = {
  aws_iam_instance_profile: {
    name: ["the launch template names it", named],
    path: ["no folders", is("/")],
    role: ["the role of the same name", (value, { resource }) => value === resource.values.name],
  },
  aws_iam_role: {
    assume_role_policy: [
      "only its own service becomes it",
      byKey({
        ".node[": trusts("ec2.amazonaws.com"),
        flow: trusts("vpc-flow-logs.amazonaws.com"),
        "module.network": trusts("vpc-flow-logs.amazonaws.com"),
        rds_monitoring: trusts("monitoring.rds.amazonaws.com"),
        "module.schedules": trusts("scheduler.amazonaws.com"),
      }),
    ],
    force_detach_policies: ["policies are its own", unused],
    max_session_duration: ["an hour", is(3600)],
    name: ["of this environment", named],
    path: ["no folders", is("/")],
  },
  aws_iam_role_policy: {
    name: ["it says for whom", matches(/^[a-z-]{3,}$/)],
    policy: ["a policy", policy],
  },
  aws_kms_alias: { name: ["people find the key by it", named] },
  aws_kms_key: {
    bypass_policy_lockout_safety_check: ["the account keeps its key", is(false)],
    customer_master_key_spec: ["for data at rest", is("SYMMETRIC_DEFAULT")],
    deletion_window_in_days: ["a month to think again", is(30)],
    enable_key_rotation: ["a new key every year", is(true)],
    is_enabled: ["without it nothing is read", is(true)],
    key_usage: ["for data at rest", is("ENCRYPT_DECRYPT")],
    policy: ["a policy", policy],
  },
  aws_s3_bucket: {
    bucket: ["of this environment", named],
    force_destroy: ["logs outlive a mistake", is(false, true)],
  },
  aws_s3_bucket_lifecycle_configuration: {
    "rule[].abort_incomplete_multipart_upload[].days_after_initiation": ["nothing half is kept", between(1, 7)],
    "rule[].expiration[].days": ["logs of a month", between(14, 90)],
    "rule[].expiration[].expired_object_delete_marker": ["days say it", unused],
    "rule[].filter[].prefix": ["everything", is("")],
    "rule[].id": ["its name", is("expire")],
    "rule[].noncurrent_version_expiration[].noncurrent_days": ["old versions go", between(1, 30)],
    "rule[].prefix": ["the filter says it", unused],
    "rule[].status": ["a rule that is off deletes nothing", is("Enabled")],
    transition_default_minimum_object_size: ["nothing is moved", is("all_storage_classes_128K")],
  },
  aws_s3_bucket_ownership_controls: { "rule[].object_ownership": ["no ACLs", is("BucketOwnerEnforced")] },
  aws_s3_bucket_policy: { policy: ["a policy", policy] },
  aws_s3_bucket_public_access_block: {
    block_public_acls: ["never public", is(true)],
    block_public_policy: ["never public", is(true)],
    ignore_public_acls: ["never public", is(true)],
    restrict_public_buckets: ["never public", is(true)],
  },
  aws_s3_bucket_server_side_encryption_configuration: {
    "rule[].apply_server_side_encryption_by_default[].kms_master_key_id": [
      "a balancer writes with S3's own key",
      unused,
    ],
    "rule[].apply_server_side_encryption_by_default[].sse_algorithm": ["a balancer writes with no other", is("AES256")],
  },
  aws_s3_bucket_versioning: { "versioning_configuration[].status": ["an overwritten log is kept", is("Enabled")] },
  aws_ssm_document: {
    content: ["sessions are logged and encrypted", matches(/"cloudWatchEncryptionEnabled":true/)],
    document_format: ["JSON", is("JSON")],
    document_type: ["a shell", is("Session")],
    name: ["connect names it", named],
  },
  aws_ssm_parameter: {
    name: ["nodes of this environment may read it", named],
    type: ["no secret is kept in a parameter", is("String")],
    value: [
      "known words for what has few, else something",
      byKey(
        {
          "media/source": is("cloud"),
          "media/region": is("auto"),
          "db/port": is("5432"),
          "db/name": is("medusa"),
          "redis/port": is("6379"),
          "shop/tax_rate": between(1, 30),
          "shop/country": matches(/^[a-z]{2}(,[a-z]{2})*$/),
          "shop/countries": matches(/^[a-z]{2}(,[a-z]{2})*$/),
          "shop/currency": matches(/^[a-z]{3}$/),
          "/cors": matches(/^https:\/\//),
          "/url": matches(/^https:\/\//),
          "/endpoint": matches(/^https:\/\//),
          bucket: named,
          "shop/title": matches(/^[A-Z]/),
        },
        () => true,
      ),
    ],
  },
};

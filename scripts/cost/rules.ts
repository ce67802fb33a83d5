import { ConfigurationError } from "../../node-agent/src/base/errors.ts";
import { block, blocks, number, ofType, type Resource, text, type Values } from "../fleet/resource.ts";
import type { Context, Use } from "./bill.ts";

type Rule = (resource: Resource, context: Context) => readonly Use[];

/** Metrics EC2 bills for an instance with detailed monitoring. */
const DETAILED_METRICS = 7;

/** What each type of resource costs; every amount comes from the plan, the schedules or the declared traffic. */
export const RULES: Readonly<Record<string, Rule>> = {
  aws_autoscaling_group: group,
  aws_eip: (_, { hours }) => [{ item: "public IPv4, used or not", price: "vpc:public-ipv4", yearly: hours }],
  aws_lb: balancer,
  aws_db_instance: database,
  aws_elasticache_replication_group: cache,
  aws_kms_key: (_, { traffic }) => [
    { item: "key", price: "kms:key", monthly: 1 },
    { item: "requests", price: "kms:request", monthly: traffic.kms_requests },
  ],
  aws_cloudwatch_metric_alarm: () => [{ item: "alarm", price: "cloudwatch:alarm", monthly: 1 }],
  aws_vpc: (_, { traffic }) => [
    { item: "transfer out", price: "transfer:out", monthly: traffic.out_gb },
    { item: "transfer between zones", price: "transfer:between-zones", monthly: traffic.between_zones_gb },
  ],
  aws_cloudwatch_log_group: (_, { traffic, resources }) => {
    const groups = ofType(resources, "aws_cloudwatch_log_group").length;
    return [
      { item: "logs written", price: "logs:ingest", monthly: traffic.log_gb / groups },
      { item: "logs kept", price: "logs:storage", monthly: traffic.log_kept_gb / groups },
    ];
  },
  aws_dynamodb_table: (_, { traffic }) => [
    { item: "lease writes", price: "dynamodb:write", monthly: traffic.lease_writes },
  ],
  aws_s3_bucket: (resource, { traffic, shared }) =>
    resource.address.startsWith("bootstrap.")
      ? [{ item: "storage", price: "s3:storage", monthly: shared.shared.state_and_artifacts_gb / 2 }]
      : [
          { item: "access logs kept", price: "s3:storage", monthly: traffic.access_log_gb },
          { item: "access logs written", price: "s3:put", monthly: traffic.access_log_puts },
        ],
  aws_secretsmanager_secret: () => [{ item: "secret", price: "secretsmanager:secret", monthly: 1 }],
  aws_ecr_repository: (_, { shared, resources }) => [
    {
      item: "images",
      price: "ecr:storage",
      monthly: shared.shared.images_gb / ofType(resources, "aws_ecr_repository").length,
    },
  ],
  cloudflare_zone_subscription: () => [{ item: "plan Pro", price: "cloudflare:pro", monthly: 1 }],
  cloudflare_r2_bucket: (_, { shared: { media }, resources }) => {
    const buckets = ofType(resources, "cloudflare_r2_bucket").length;
    return [
      { item: "storage", price: "r2:storage", monthly: media.stored_gb / buckets },
      { item: "writes", price: "r2:class-a", monthly: media.class_a / buckets },
      { item: "reads", price: "r2:class-b", monthly: media.class_b / buckets },
    ];
  },
};

function group(resource: Resource, context: Context): readonly Use[] {
  const name = text(resource.values.name);
  const template = templateOf(resource, context.resources);
  const nodes = nodesOf(resource, context);
  const share = context.schedules.share(name);
  const type = text(template.instance_type);
  const spot = blocks(resource.values, "mixed_instances_policy").length > 0;
  const awake = nodes * context.schedules.awake(name);
  return [
    { item: `${nodes} x ${type}${spot ? " Spot" : ""}`, price: `${spot ? "spot" : "ec2"}:${type}`, yearly: awake },
    ...volumes(template, nodes * share),
    ...extras(template, { nodes: nodes * share, awake, surplus: context.traffic.surplus_vcpu_hours }),
  ];
}

// A group that can grow has the declared mean, another its fixed size.
function nodesOf({ values }: Resource, { traffic }: Context): number {
  const smallest = number(values.min_size);
  return number(values.max_size) > smallest ? Math.max(traffic.nodes, smallest) : smallest;
}

function volumes(template: Values, nodes: number): readonly Use[] {
  return blocks(template, "block_device_mappings")
    .flatMap((mapping) => blocks(mapping, "ebs"))
    .map(({ volume_size, volume_type }) => ({
      item: `${number(volume_size)} GB gp3 each`,
      price: `ebs:${text(volume_type)}`,
      monthly: nodes * number(volume_size),
    }));
}

function extras(template: Values, { nodes, awake, surplus }: { nodes: number; awake: number; surplus: number }): Use[] {
  const first = block(template, "network_interfaces");
  const found: Use[] = [];
  if (truthy(first?.associate_public_ip_address)) {
    found.push({ item: "public IPv4 of the first interface", price: "vpc:public-ipv4", yearly: awake });
  }
  if (block(template, "monitoring")?.enabled === true) {
    found.push({ item: "detailed monitoring", price: "ec2:detailed-metric", monthly: nodes * DETAILED_METRICS });
  }
  if (block(template, "credit_specification")?.cpu_credits === "unlimited") {
    found.push({ item: "surplus CPU credits", price: "ec2:surplus-credits", monthly: surplus });
  }
  return found;
}

const truthy = (value: unknown): boolean => value === true || value === "true";

// The id that joins them is unknown before an apply; their modules stand beside each other.
function templateOf(resource: Resource, resources: readonly Resource[]) {
  const prefix = resource.address
    .replace(/\.aws_autoscaling_group\..*$/, "")
    .replace(/module\.group(?=\[|$)/, "module.template");
  const template = resources.find(
    ({ type, address }) => type === "aws_launch_template" && address.startsWith(`${prefix}.`),
  );
  if (template) return template.values;
  throw new ConfigurationError(`cost: ${resource.address} has no launch template in the plan`, {
    code: "cost.template",
    why: `none is below ${prefix}`,
    fix: "keep a group's template in the module beside it",
  });
}

function balancer({ values }: Resource, { hours, traffic }: Context): readonly Use[] {
  const zones = Math.max(
    blocks(values, "subnet_mapping").length,
    Array.isArray(values.subnets) ? values.subnets.length : 0,
    2,
  );
  return [
    { item: "load balancer", price: "elb:application-hour", yearly: hours },
    { item: `${traffic.lcu} LCU`, price: "elb:lcu-hour", yearly: traffic.lcu * hours },
    { item: `${zones} public IPv4`, price: "vpc:public-ipv4", yearly: zones * hours },
  ];
}

function database({ values }: Resource, { schedules, traffic }: Context): readonly Use[] {
  const copies = values.multi_az === true ? 2 : 1;
  const type = text(values.instance_class);
  return [
    { item: `${copies} x ${type}`, price: `rds:${type}`, yearly: copies * schedules.awake(text(values.identifier)) },
    // Storage is billed while the instance is stopped.
    {
      item: `${copies} x ${number(values.allocated_storage)} GB`,
      price: `rds:${text(values.storage_type)}`,
      monthly: copies * number(values.allocated_storage),
    },
    { item: "backups above the free size", price: "rds:backup", monthly: traffic.database_backup_gb_over_free },
  ];
}

function cache({ values }: Resource, { hours, traffic }: Context): readonly Use[] {
  const nodes = number(values.num_cache_clusters);
  const type = text(values.node_type);
  return [
    { item: `${nodes} x ${type}`, price: `elasticache:${type}`, yearly: nodes * hours },
    { item: "backups above the free one", price: "elasticache:backup", monthly: traffic.cache_backup_gb_over_free },
  ];
}

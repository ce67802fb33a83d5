import { expect, test } from "vitest";
import type { Resource, Values } from "../fleet/resource.ts";
import type { Context, Use } from "./bill.ts";
import { RULES } from "./rules.ts";

const resource = (address: string, values: Values = {}): Resource => {
  const [type = "", name = ""] = address.split(".").slice(-2);
  return { address, type, name, values };
};

/** Every amount is another number, so that none can be taken for another. */
const traffic = {
  nodes: 2.5,
  out_gb: 3,
  between_zones_gb: 5,
  lcu: 0.7,
  surplus_vcpu_hours: 11,
  log_gb: 13,
  log_kept_gb: 17,
  access_log_gb: 19,
  access_log_puts: 23,
  database_backup_gb_over_free: 29,
  cache_backup_gb_over_free: 31,
  lease_writes: 37,
  kms_requests: 41,
};
const shared = {
  why: "a test",
  environments: {},
  shared: { state_and_artifacts_gb: 43, images_gb: 47 },
  media: { stored_gb: 53, read_gb: 59, class_a: 61, class_b: 67 },
};

function usesOf(subject: Resource, others: readonly Resource[] = [], over: Partial<Context> = {}): readonly Use[] {
  const schedules = { awake: (name: string) => (name === "asleep" ? 2_000 : 8_760), share: awakeShare };
  const context = { resources: [subject, ...others], traffic, shared, schedules, hours: 8_760, ...over };
  return RULES[subject.type]?.(subject, context) ?? [];
}

const awakeShare = (name: string): number => (name === "asleep" ? 0.25 : 1);
const prices = (uses: readonly Use[]) => uses.map(({ price, monthly, yearly }) => ({ price, monthly, yearly }));
const use = (price: string, amounts: { monthly?: number; yearly?: number }) => ({
  price,
  monthly: undefined,
  yearly: undefined,
  ...amounts,
});

test("what is billed by the month is one a month, what is billed by the hour all hours of the year", () => {
  expect(prices(usesOf(resource("aws_secretsmanager_secret.x")))).toEqual([
    use("secretsmanager:secret", { monthly: 1 }),
  ]);
  expect(prices(usesOf(resource("aws_cloudwatch_metric_alarm.x")))).toEqual([use("cloudwatch:alarm", { monthly: 1 })]);
  expect(prices(usesOf(resource("cloudflare_zone_subscription.x")))).toEqual([use("cloudflare:pro", { monthly: 1 })]);
  expect(prices(usesOf(resource("aws_eip.x")))).toEqual([use("vpc:public-ipv4", { yearly: 8_760 })]);
  expect(prices(usesOf(resource("aws_kms_key.x")))).toEqual([
    use("kms:key", { monthly: 1 }),
    use("kms:request", { monthly: 41 }),
  ]);
});

test("declared traffic is billed where it flows, logs and images once however many groups hold them", () => {
  expect(prices(usesOf(resource("aws_vpc.x")))).toEqual([
    use("transfer:out", { monthly: 3 }),
    use("transfer:between-zones", { monthly: 5 }),
  ]);
  const groups = [
    resource("aws_cloudwatch_log_group.b"),
    resource("aws_cloudwatch_log_group.c"),
    resource("aws_vpc.x"),
  ];
  expect(prices(usesOf(resource("aws_cloudwatch_log_group.a"), groups))).toEqual([
    use("logs:ingest", { monthly: 13 / 3 }),
    use("logs:storage", { monthly: 17 / 3 }),
  ]);
  expect(prices(usesOf(resource("aws_ecr_repository.a"), [resource("aws_ecr_repository.b")]))).toEqual([
    use("ecr:storage", { monthly: 23.5 }),
  ]);
  expect(prices(usesOf(resource("cloudflare_r2_bucket.a"), [resource("cloudflare_r2_bucket.b")]))).toEqual([
    use("r2:storage", { monthly: 26.5 }),
    use("r2:class-a", { monthly: 30.5 }),
    use("r2:class-b", { monthly: 33.5 }),
  ]);
  expect(prices(usesOf(resource("aws_dynamodb_table.x")))).toEqual([use("dynamodb:write", { monthly: 37 })]);
});

test("the account's two buckets share state and artifacts, an environment's holds access logs", () => {
  expect(prices(usesOf(resource("bootstrap.aws_s3_bucket.state")))).toEqual([use("s3:storage", { monthly: 21.5 })]);
  expect(prices(usesOf(resource("module.balancer.aws_s3_bucket.logs")))).toEqual([
    use("s3:storage", { monthly: 19 }),
    use("s3:put", { monthly: 23 }),
  ]);
});

const template = (values: Values) => resource("module.app.module.template.aws_launch_template.this", values);
const group = (values: Values) => resource("module.app.module.group.aws_autoscaling_group.this", values);
const plain = { instance_type: "t3.small" };

test("a group that can grow has the declared mean of nodes, never fewer than its least; another its fixed size", () => {
  const nodes = (min_size: number, max_size: number) =>
    usesOf(group({ name: "app", min_size, max_size }), [template(plain)])[0];
  expect(nodes(2, 4)).toEqual({ item: "2.5 x t3.small", price: "ec2:t3.small", yearly: 2.5 * 8_760 });
  expect(nodes(3, 4)?.yearly).toBe(3 * 8_760);
  expect(nodes(2, 2)?.yearly).toBe(2 * 8_760);
});

test("a sleeping group pays its nodes by the hour and its disks by their share of the year", () => {
  const disk = { ebs: [{ volume_size: 8, volume_type: "gp3" }] };
  const values = { name: "asleep", min_size: 2, max_size: 2 };
  expect(usesOf(group(values), [template({ ...plain, block_device_mappings: [disk] })])).toEqual([
    { item: "2 x t3.small", price: "ec2:t3.small", yearly: 4_000 },
    { item: "8 GB gp3 each", price: "ebs:gp3", monthly: 4 },
  ]);
});

test("Spot has its own price and says so", () => {
  const values = { name: "app", min_size: 1, max_size: 1, mixed_instances_policy: [{}] };
  expect(usesOf(group(values), [template(plain)])[0]).toEqual({
    item: "1 x t3.small Spot",
    price: "spot:t3.small",
    yearly: 8_760,
  });
});

test("public addresses, detailed monitoring and unlimited credits are billed where a template asks for them alone", () => {
  const values = { name: "asleep", min_size: 2, max_size: 2 };
  const extras = (asked: Values) => prices(usesOf(group(values), [template({ ...plain, ...asked })]).slice(1));
  const address = (associate_public_ip_address: unknown) => ({ network_interfaces: [{ associate_public_ip_address }] });
  expect(extras(address(true))).toEqual([use("vpc:public-ipv4", { yearly: 4_000 })]);
  expect(extras(address("true"))).toEqual([use("vpc:public-ipv4", { yearly: 4_000 })]);
  expect([extras(address("false")), extras(address(false)), extras({})]).toEqual([[], [], []]);
  expect(extras({ monitoring: [{ enabled: true }] })).toEqual([use("ec2:detailed-metric", { monthly: 3.5 })]);
  expect(extras({ monitoring: [{ enabled: false }] })).toEqual([]);
  expect(extras({ credit_specification: [{ cpu_credits: "unlimited" }] })).toEqual([
    use("ec2:surplus-credits", { monthly: 11 }),
  ]);
  expect(extras({ credit_specification: [{ cpu_credits: "standard" }] })).toEqual([]);
});

test("a group takes the template of its own module, by index too, and none is an error that names it", () => {
  const address = (part: string, index: string) => `module.router.module.${part}["${index}"]`;
  const router = resource(`${address("group", "b")}.aws_autoscaling_group.this`, { min_size: 1, max_size: 1 });
  const others = ["a", "b"].map((index) =>
    resource(`${address("template", index)}.aws_launch_template.this`, { instance_type: `t3.${index}` }),
  );
  expect(usesOf(router, [template(plain), ...others])[0]?.price).toBe("ec2:t3.b");
  expect(() => usesOf(group({}), others)).toThrow(/module.app.module.group.*has no launch template/);
});

test("a balancer has an address in each of its zones, and in two at least", () => {
  const lb = (values: Values) => prices(usesOf(resource("aws_lb.x", values)));
  const billed = (zones: number) => [
    use("elb:application-hour", { yearly: 8_760 }),
    use("elb:lcu-hour", { yearly: 0.7 * 8_760 }),
    use("vpc:public-ipv4", { yearly: zones * 8_760 }),
  ];
  expect(lb({})).toEqual(billed(2));
  expect(lb({ subnets: ["a", "b", "c"] })).toEqual(billed(3));
  expect(lb({ subnet_mapping: [{}, {}, {}, {}] })).toEqual(billed(4));
});

test("a database in two zones pays both, asleep its disks alone", () => {
  const values = { identifier: "asleep", instance_class: "db.x", storage_type: "gp3", allocated_storage: 20 };
  const billed = (copies: number) => [
    use("rds:db.x", { yearly: copies * 2_000 }),
    use("rds:gp3", { monthly: copies * 20 }),
    use("rds:backup", { monthly: 29 }),
  ];
  expect(prices(usesOf(resource("aws_db_instance.x", values)))).toEqual(billed(1));
  expect(prices(usesOf(resource("aws_db_instance.x", { ...values, multi_az: true })))).toEqual(billed(2));
});

test("a cache pays every node all year", () => {
  const cache = resource("aws_elasticache_replication_group.x", { node_type: "cache.x", num_cache_clusters: 2 });
  expect(prices(usesOf(cache))).toEqual([
    use("elasticache:cache.x", { yearly: 2 * 8_760 }),
    use("elasticache:backup", { monthly: 31 }),
  ]);
});

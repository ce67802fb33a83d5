import { ofType, type Resource, text } from "../../../scripts/fleet/resource.ts";
import { valuesAt } from "./requirement.ts";

/** An argument that names other resources: which it must name, all of them and no other. */
interface Wire {
  readonly from: string;
  readonly path: string;
  readonly to: string;
  readonly by: "id" | "arn" | "name";
  readonly why: string;
  /** Whether this resource must name that one. */
  readonly wants: (from: Resource, to: Resource, all: readonly Resource[]) => boolean;
  /** What it does not concern: an argument left out there, which AWS fills. */
  readonly but?: (from: Resource) => boolean;
}

const all = (): boolean => true;
const isApp = ({ address }: Resource): boolean => address.startsWith("module.app.");
const isMixed = ({ values }: Resource): boolean => valuesAt(values, "mixed_instances_policy[]").some(Boolean);
const zoneOf = ({ address }: Resource): string => /eu-west-3[a-c]/.exec(address)?.[0] ?? "";
const group =
  (...names: readonly string[]) =>
  (_: Resource, to: Resource): boolean =>
    names.includes(String(to.index));
const tier =
  (...names: readonly string[]) =>
  (_: Resource, to: Resource): boolean =>
    names.includes(to.name);
const sameZone = (from: Resource, to: Resource): boolean => zoneOf(from) === zoneOf(to);
const wire = (place: string, target: string, why: string, wants: Wire["wants"] = all, but?: Wire["but"]): Wire => {
  const [from = "", ...path] = place.split(".");
  const [to = "", by = "id"] = target.split(".");
  return { from, path: path.join("."), to, by: by as Wire["by"], why, wants, ...(but ? { but } : {}) };
};

// Which security group stands at which end of a rule, by the name of the rule.
const ENDS: ReadonlyArray<readonly [rule: RegExp, own: string, other: string]> = [
  [/egress_rule\.app_to_data\["(\w+)"/, "app", "$1"],
  [/egress_rule\.app_to_internet/, "app", ""],
  [/egress_rule\.balancer_to_app/, "balancer", "app"],
  [/egress_rule\.router_pair/, "router", "router"],
  [/egress_rule\.router_to_internet/, "router", ""],
  [/ingress_rule\.app_from_balancer/, "app", "balancer"],
  [/ingress_rule\.cloudflare/, "balancer", ""],
  [/ingress_rule\.data_from_app\["(\w+)"/, "$1", "app"],
  [/ingress_rule\.router_from_app/, "router", "app"],
  [/ingress_rule\.router_pair/, "router", "router"],
];
const end =
  (which: "own" | "other") =>
  (from: Resource, to: Resource): boolean => {
    const found = ENDS.find(([rule]) => rule.test(from.address));
    const key = /\["(\w+)"\]/.exec(from.address)?.[1] ?? "";
    const name = (found?.[which === "own" ? 1 : 2] ?? "").replace("$1", key);
    return to.index === name;
  };

const BUCKET_PARTS = [
  "lifecycle_configuration",
  "ownership_controls",
  "policy",
  "public_access_block",
  "server_side_encryption_configuration",
  "versioning",
];

const WIRES: readonly Wire[] = [
  wire(
    "aws_autoscaling_group.launch_template[].id",
    "aws_launch_template",
    "a group starts its own template",
    (from, to) => (isApp(from) ? isApp(to) : !isApp(to) && sameZone(from, to)),
    isMixed,
  ),
  wire(
    "aws_autoscaling_group.mixed_instances_policy[].launch_template[].launch_template_specification[].launch_template_id",
    "aws_launch_template",
    "a group starts its own template",
    (from, to) => isApp(from) === isApp(to),
    (from) => !isMixed(from),
  ),
  wire("aws_autoscaling_group.target_group_arns[]", "aws_lb_target_group.arn", "customers reach app nodes only", isApp),
  wire(
    "aws_autoscaling_group.vpc_zone_identifier[]",
    "aws_subnet",
    "app nodes in both zones, a router in its own",
    (from, to) => (isApp(from) ? to.name === "app" : to.name === "public" && sameZone(from, to)),
  ),
  wire(
    "aws_db_instance.vpc_security_group_ids[]",
    "aws_security_group",
    "only app nodes reach the database",
    group("database"),
  ),
  wire(
    "aws_db_instance.monitoring_role_arn",
    "aws_iam_role.arn",
    "RDS may write its metrics",
    (_, to) => to.name === "rds_monitoring",
  ),
  wire("aws_db_instance.performance_insights_kms_key_id", "aws_kms_key.arn", "the environment's own key"),
  wire("aws_db_subnet_group.subnet_ids[]", "aws_subnet", "data subnets of both zones", tier("data")),
  wire("aws_default_security_group.vpc_id", "aws_vpc", "the VPC's own"),
  wire("aws_dynamodb_table.server_side_encryption[].kms_key_arn", "aws_kms_key.arn", "the environment's own key"),
  wire(
    "aws_ec2_subnet_cidr_reservation.subnet_id",
    "aws_subnet",
    "the zone's public subnet",
    (from, to) => to.name === "public" && sameZone(from, to),
  ),
  wire("aws_eip_association.allocation_id", "aws_eip", "the zone's own address", sameZone),
  wire("aws_eip_association.network_interface_id", "aws_network_interface", "the zone's own interface", sameZone),
  wire(
    "aws_elasticache_replication_group.security_group_ids[]",
    "aws_security_group",
    "only app nodes reach the cache",
    group("cache"),
  ),
  wire("aws_elasticache_subnet_group.subnet_ids[]", "aws_subnet", "data subnets of both zones", tier("data")),
  wire("aws_flow_log.iam_role_arn", "aws_iam_role.arn", "flow logs may write", (_, to) => to.name === "flow_log"),
  wire("aws_flow_log.vpc_id", "aws_vpc", "the whole VPC"),
  wire("aws_internet_gateway.vpc_id", "aws_vpc", "the VPC's own"),
  wire(
    "aws_launch_template.network_interfaces[].security_groups[]",
    "aws_security_group",
    "a node's own group",
    (from, to) => to.index === (isApp(from) ? "app" : "router"),
  ),
  wire("aws_lb.access_logs[].bucket", "aws_s3_bucket", "the environment's own logs"),
  wire("aws_lb.security_groups[]", "aws_security_group", "only the edge reaches the balancer", group("balancer")),
  wire("aws_lb.subnets[]", "aws_subnet", "both zones, from outside", tier("public")),
  wire("aws_lb_listener.load_balancer_arn", "aws_lb.arn", "the balancer's own"),
  wire("aws_lb_listener_rule.action[].target_group_arn", "aws_lb_target_group.arn", "customers reach the shop"),
  wire("aws_lb_listener_rule.listener_arn", "aws_lb_listener.arn", "on HTTPS", (_, to) => to.name === "https"),
  wire("aws_lb_target_group.vpc_id", "aws_vpc", "the VPC's own"),
  wire("aws_network_interface.security_groups[]", "aws_security_group", "a router's own group", group("router")),
  wire(
    "aws_network_interface.subnet_id",
    "aws_subnet",
    "public, in its zone",
    (from, to) => to.name === "public" && sameZone(from, to),
  ),
  wire(
    "aws_route.gateway_id",
    "aws_internet_gateway",
    "public subnets leave directly",
    all,
    ({ name }) => name !== "internet",
  ),
  wire(
    "aws_route.network_interface_id",
    "aws_network_interface",
    "app nodes leave by a router",
    (from, to, all) => sameZone(from, to) || !all.some((other) => sameZone(from, other)),
    ({ name }) => name === "internet",
  ),
  wire("aws_route_table.vpc_id", "aws_vpc", "the VPC's own"),
  wire(
    "aws_route_table_association.subnet_id",
    "aws_subnet",
    "its own subnet",
    (from, to) => from.name === to.name && sameZone(from, to),
  ),
  wire(
    "aws_route_table_association.route_table_id",
    "aws_route_table",
    "its tier's table",
    (from, to) => from.name === to.name && (zoneOf(to) === "" || sameZone(from, to)),
  ),
  wire("aws_security_group.vpc_id", "aws_vpc", "the VPC's own"),
  wire("aws_sns_topic_subscription.topic_arn", "aws_sns_topic.arn", "alarms reach a person"),
  wire("aws_subnet.vpc_id", "aws_vpc", "the VPC's own"),
  wire("aws_vpc_endpoint.vpc_id", "aws_vpc", "the VPC's own"),
  wire("aws_vpc_security_group_egress_rule.security_group_id", "aws_security_group", "the sender's group", end("own")),
  wire(
    "aws_vpc_security_group_ingress_rule.security_group_id",
    "aws_security_group",
    "the receiver's group",
    end("own"),
  ),
  wire(
    "aws_vpc_security_group_egress_rule.referenced_security_group_id",
    "aws_security_group",
    "the receiver's group",
    end("other"),
  ),
  wire(
    "aws_vpc_security_group_ingress_rule.referenced_security_group_id",
    "aws_security_group",
    "the sender's group",
    end("other"),
  ),
  wire(
    "aws_vpc_security_group_ingress_rule.prefix_list_id",
    "aws_ec2_managed_prefix_list",
    "the edge's ranges",
    ({ address }) => address.includes(".cloudflare["),
  ),
  ...BUCKET_PARTS.map((part) => wire(`aws_s3_bucket_${part}.bucket`, "aws_s3_bucket", "the bucket's own")),
];

export interface WiringProblem {
  readonly id: string;
  readonly address: string;
  readonly what: string;
}

/** Every argument of a state that names other resources than it must. Ids must be known: a mocked apply has them. */
export function wiringProblems(state: readonly Resource[]): readonly WiringProblem[] {
  return WIRES.flatMap((one) =>
    ofType(state, one.from)
      .filter((from) => !one.but?.(from) && !isRight(one, from, ofType(state, one.to)))
      .map(({ address }) => ({ id: `WIRE ${one.path}`, address, what: one.why })),
  );
}

function isRight({ path, by, wants }: Wire, from: Resource, candidates: readonly Resource[]): boolean {
  const wanted = candidates.filter((to) => wants(from, to, candidates)).map(({ values }) => text(values[by]));
  const given = valuesAt(from.values, path)
    .map(text)
    .filter((value) => value !== "");
  return [...new Set(given)].toSorted().join() === [...new Set(wanted)].toSorted().join();
}

/** Where an argument of a type names other resources. */
export const wiredPaths = (type: string): readonly string[] =>
  WIRES.filter(({ from }) => from === type).map(({ path }) => path);

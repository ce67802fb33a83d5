import { block, blocks, number, ofType, text } from "../../../scripts/fleet/resource.ts";
import { any, every, none, type Policy } from "./policy.ts";

const IN = "aws_vpc_security_group_ingress_rule";
const OUT = "aws_vpc_security_group_egress_rule";
const LB = "aws_lb";
const TG = "aws_lb_target_group";

export const NETWORK: readonly Policy[] = [
  every("CKV_AWS_23", "every rule says what it is for", IN, (v) => text(v.description).length > 10),
  every("AVD-AWS-0124", "every way out says what it is for", OUT, (v) => text(v.description).length > 10),
  every("CKV_AWS_24", "nobody reaches port 22", IN, (v) => number(v.from_port) > 22 || number(v.to_port) < 22),
  every("CKV_AWS_25", "nobody reaches port 3389", IN, (v) => number(v.from_port) > 3389 || number(v.to_port) < 3389),
  every("CKV_AWS_260", "the world reaches nothing", IN, (v) => !v.cidr_ipv4 && !v.cidr_ipv6),
  every("CKV_AWS_277", "no rule opens every port", IN, (v) => v.ip_protocol !== "-1" && v.from_port === v.to_port),
  every("CKV_AWS_382", "no rule lets everything out", OUT, (v) => v.ip_protocol !== "-1" && v.from_port === v.to_port),
  none("OWN-NO-INLINE-RULES", "rules are resources of their own", "aws_security_group_rule"),
  every(
    "CKV2_AWS_5",
    "groups hold no inline rules",
    "aws_security_group",
    (v) => ((v.ingress as unknown[]) ?? []).length === 0,
  ),
  every(
    "CKV2_AWS_12",
    "the default group is empty",
    "aws_default_security_group",
    (v) => ((v.ingress as unknown[]) ?? []).length === 0,
  ),
  every("CKV2_AWS_11", "rejected packets are logged", "aws_flow_log", (v) => v.traffic_type === "REJECT"),
  every(
    "CKV_AWS_130",
    "no subnet hands out public addresses",
    "aws_subnet",
    (v) => v.map_public_ip_on_launch === false,
  ),
  {
    id: "OWN-TABLE-PER-ZONE",
    what: "each zone has its own private table, and data has none with a way out",
    problems: ({ resources }) => {
      const routes = ofType(resources, "aws_route");
      const tables = ofType(resources, "aws_route_table").filter(({ name }) => name === "app");
      const exits = routes.filter(({ values }) => values.destination_cidr_block === "0.0.0.0/0");
      const zones = new Set(exits.filter(({ name }) => name === "default").map(({ index }) => index));
      return tables.length === 2 && zones.size === 2 && exits.length === 3 ? [] : exits.map(({ address }) => address);
    },
  },
  every(
    "OWN-SOURCE-CHECK",
    "a router's interface forwards",
    "aws_network_interface",
    (v) => v.source_dest_check === false,
  ),
  every(
    "OWN-ENDPOINT",
    "S3 is reached without a router",
    "aws_vpc_endpoint",
    (v) => v.vpc_endpoint_type === "Gateway" && text(v.service_name).endsWith(".s3"),
  ),
  {
    id: "CKV_AWS_2",
    what: "customers are served over TLS",
    problems: ({ resources }) =>
      ofType(resources, "aws_lb_listener").some(({ values }) => values.protocol === "HTTPS")
        ? []
        : ["no HTTPS listener"],
  },
  any("CKV2_AWS_20", "port 80 only redirects", "aws_lb_listener", (v) => {
    const [action] = blocks(v, "default_action");
    return (
      v.protocol === "HTTPS" || (action?.type === "redirect" && blocks(action, "redirect")[0]?.protocol === "HTTPS")
    );
  }),
  any(
    "CKV2_AWS_74",
    "only TLS 1.2 and 1.3",
    "aws_lb_listener",
    (v) => v.protocol !== "HTTPS" || v.ssl_policy === "ELBSecurityPolicy-TLS13-1-2-2021-06",
  ),
  every("OWN-ORIGIN-HEADER", "without our zone's header a request ends", "aws_lb_listener_rule", (v) =>
    blocks(v, "condition").some(
      (condition) => blocks(condition, "http_header")[0]?.http_header_name === "X-GreenLeaf-Origin",
    ),
  ),
  any("OWN-DEFAULT-DENY", "a listener's default is no", "aws_lb_listener", (v) => {
    const [action] = blocks(v, "default_action");
    return action?.type === "redirect" || blocks(action ?? {}, "fixed_response")[0]?.status_code === "403";
  }),
  every("CKV_AWS_91", "requests are logged", LB, (v) => block(v, "access_logs")?.enabled === true),
  every("CKV_AWS_131", "broken headers are dropped", LB, (v) => v.drop_invalid_header_fields === true),
  every("CKV_AWS_328", "request smuggling is stopped", LB, (v) =>
    ["defensive", "strictest"].includes(text(v.desync_mitigation_mode)),
  ),
  every("CKV_AWS_150", "the balancer cannot be deleted by mistake", LB, (v) => v.enable_deletion_protection === true),
  every("CKV_AWS_261", "targets are asked for their health", TG, (v) => block(v, "health_check")?.path === "/healthz"),
  every("CKV_AWS_378", "targets are reached over TLS", TG, (v) => v.protocol === "HTTPS"),
  every(
    "OWN-LEAST-BUSY",
    "the least busy node gets the request",
    TG,
    (v) => v.load_balancing_algorithm_type === "least_outstanding_requests",
  ),
  every(
    "OWN-DEREGISTER",
    "a leaving node is waited for 30 s, not 300",
    TG,
    (v) => Number(v.deregistration_delay) === 30,
  ),
  every("OWN-CADDY-PORT", "the balancer talks to Caddy", TG, (v) => v.port === 8080),
  {
    id: "OWN-PREFIX-QUOTA",
    what: "Cloudflare's list fits the 60 rules of a group",
    problems: ({ resources }) => {
      const entries = ofType(resources, "aws_ec2_managed_prefix_list").reduce(
        (sum, { values }) => sum + number(values.max_entries),
        0,
      );
      const rules = ofType(resources, IN).filter(({ name }) => name === "cloudflare").length;
      return entries * rules > 0 && entries * rules <= 60 ? [] : [`${entries * rules} rules`];
    },
  },
  {
    id: "CKV2_AWS_28",
    what: "a web application firewall of AWS stands at the balancer",
    problems: ({ resources }) =>
      ofType(resources, "aws_wafv2_web_acl_association").length > 0
        ? []
        : ofType(resources, LB).map(({ address }) => address),
  },
  {
    id: "CKV2_AWS_35",
    what: "private subnets leave by NAT Gateways",
    problems: ({ resources }) =>
      ofType(resources, "aws_route")
        .filter(({ name, values }) => name === "default" && !values.nat_gateway_id)
        .map(({ address }) => address),
  },
  every("CKV2_AWS_19", "addresses belong to instances", "aws_eip", (v) => Boolean(v.instance)),
];

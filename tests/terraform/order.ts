/** What AWS makes late, or refuses to do without: this comes after that, by the configuration's own graph. */
export const AFTER: ReadonlyArray<readonly [what: string, resource: string, needs: readonly string[]]> = [
  [
    "an app node boots when its database, its cache and their addresses are there, and has a way out",
    "module.app.module.group.aws_autoscaling_group.",
    [
      "module.data.aws_db_instance.this",
      "module.data.aws_elasticache_replication_group.this",
      "module.secrets.aws_ssm_parameter.this",
      "module.router.aws_route.default",
      "module.access.aws_iam_role_policy.node",
    ],
  ],
  [
    "a router boots when it may speak, and has a way out",
    "module.router.module.group.aws_autoscaling_group.",
    [
      "module.network.aws_route.internet",
      "module.network.aws_route_table_association.public",
      "module.network.aws_vpc_security_group_egress_rule.router_to_internet",
      "module.network.aws_vpc_endpoint.s3",
      "module.access.aws_iam_role_policy.node",
    ],
  ],
  [
    "no balancer is refused for want of a gateway, or takes a router's address",
    "module.balancer.aws_lb.this",
    ["module.network.aws_internet_gateway.this", "module.network.aws_ec2_subnet_cidr_reservation.router"],
  ],
  [
    "a public address is associated where there is a gateway",
    "module.router.aws_eip_association.this",
    ["module.network.aws_internet_gateway.this"],
  ],
  [
    "a router's interface takes its address when it is reserved",
    "module.router.aws_network_interface.this",
    ["module.network.aws_ec2_subnet_cidr_reservation.router"],
  ],
  [
    "AWS's own writers may write when they are asked to",
    "module.data.aws_db_instance.this",
    ["module.observability.aws_iam_role_policy.rds_monitoring"],
  ],
  [
    "AWS's own writers may write when they are asked to",
    "module.network.aws_flow_log.rejected",
    ["module.observability.aws_iam_role_policy.flow_log"],
  ],
];

/** Who comes before whom, out of `terraform graph`; `missing` are the needs that a resource does not wait for. */
export function missingOrder(dot: string): readonly string[] {
  const edges = Map.groupBy(
    [...dot.matchAll(/^ {2}"([^"]+)" -> "([^"]+)";$/gm)].map(([, from = "", to = ""]) => ({ from, to })),
    ({ from }) => from,
  );
  const before = (start: string, seen = new Set<string>()): ReadonlySet<string> => {
    for (const { to } of edges.get(start) ?? []) {
      if (seen.has(to)) continue;
      seen.add(to);
      before(to, seen);
    }
    return seen;
  };
  return AFTER.flatMap(([what, resource, needs]) => {
    const found = [...edges.keys()].filter((name) => name.startsWith(resource));
    if (found.length === 0) return [`${resource} is not in the graph`];
    return found.flatMap((name) => {
      const known = before(name);
      return needs.filter((need) => !known.has(need)).map((need) => `${what}: ${name} does not wait for ${need}`);
    });
  });
}

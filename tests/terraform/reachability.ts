import { number, ofType, type Resource, text } from "../../scripts/fleet/resource.ts";

/** `source -> destination protocol/port`; names are security groups, prefix lists or the internet. */
export type Flow = string;

interface Rule {
  readonly group: string;
  readonly other: string;
  readonly port: string;
}

/**
 * Every flow an environment permits, read off rules and routes with their ids known: a packet passes where the sender's
 * group lets it out, the receiver's lets it in, and a route leads there. What is open on one side only goes nowhere.
 */
export function flows(resources: readonly Resource[]): readonly Flow[] {
  const names = namesById(resources);
  const ins = rules(resources, "aws_vpc_security_group_ingress_rule", names);
  const outs = rules(resources, "aws_vpc_security_group_egress_rule", names);
  const has = (list: readonly Rule[], { group, other, port }: Rule) =>
    list.some((rule) => rule.group === group && rule.other === other && rule.port === port);
  const inside = outs.filter((rule) => has(ins, { group: rule.other, other: rule.group, port: rule.port }));
  const entering = ins.filter(({ other }) => !isGroup(other)).filter(() => hasGateway(resources, "public"));
  const leaving = outs.filter(({ other }) => other === "internet").flatMap((rule) => exits(rule, resources, ins));
  return [
    ...inside.map(({ group, other, port }) => `${group} -> ${other} ${port}`),
    ...entering.map(({ group, other, port }) => `${other} -> ${group} ${port}`),
    ...leaving,
  ].toSorted();
}

/** Rules with no counterpart: they permit nothing and only confuse. */
export function dangling(resources: readonly Resource[]): readonly string[] {
  const names = namesById(resources);
  const ins = rules(resources, "aws_vpc_security_group_ingress_rule", names).filter(({ other }) => isGroup(other));
  const outs = rules(resources, "aws_vpc_security_group_egress_rule", names).filter(({ other }) => isGroup(other));
  const mirrored = (rule: Rule) => ({ group: rule.other, other: rule.group, port: rule.port });
  const key = ({ group, other, port }: Rule) => `${group} ${other} ${port}`;
  const lonely = (list: readonly Rule[], others: readonly Rule[]) => {
    const known = new Set(others.map((rule) => key(mirrored(rule))));
    // A router's way in for app nodes has its counterpart in their way to the internet.
    return list.filter((rule) => !known.has(key(rule)) && !(rule.group === "router" && rule.other === "app"));
  };
  return [...lonely(ins, outs), ...lonely(outs, ins)].map(key);
}

const isGroup = (name: string) => name !== "internet" && name !== "cloudflare" && !name.startsWith("unknown");

function namesById(resources: readonly Resource[]): ReadonlyMap<string, string> {
  return new Map([
    ...ofType(resources, "aws_security_group").map((group) => [text(group.values.id), String(group.index)] as const),
    ...ofType(resources, "aws_ec2_managed_prefix_list").map((list) => [text(list.values.id), list.name] as const),
  ]);
}

function rules(resources: readonly Resource[], type: string, names: ReadonlyMap<string, string>): Rule[] {
  return ofType(resources, type).map(({ values, address }) => {
    const named = text(values.referenced_security_group_id) || text(values.prefix_list_id);
    const range = text(values.cidr_ipv4) || text(values.cidr_ipv6);
    const other = named ? names.get(named) : range === "0.0.0.0/0" ? "internet" : range;
    const [from, to] = [number(values.from_port), number(values.to_port)];
    const ports =
      values.ip_protocol === "-1" ? "all" : `${text(values.ip_protocol)}/${from === to ? from : `${from}-${to}`}`;
    return {
      group: names.get(text(values.security_group_id)) ?? `unknown ${address}`,
      other: other ?? `unknown ${address}`,
      port: ports,
    };
  });
}

// App nodes leave where every one of their tables points at a router's forwarding interface and the router takes the
// packet; routers leave by the gateway of the public table; nothing else has a default route.
function exits({ group, port }: Rule, resources: readonly Resource[], ins: readonly Rule[]): readonly Flow[] {
  if (group === "router") return hasGateway(resources, "public") ? [`router -> internet ${port}`] : [];
  if (group !== "app") return [];
  const open = ins.some((rule) => rule.group === "router" && rule.other === "app" && rule.port === port);
  return open && appLeavesByRouters(resources) ? [`app -> router -> internet ${port}`] : [];
}

export function appLeavesByRouters(resources: readonly Resource[]): boolean {
  const forwarding = new Set(
    ofType(resources, "aws_network_interface")
      .filter(({ values }) => values.source_dest_check === false)
      .map(({ values }) => text(values.id)),
  );
  const tables = ofType(resources, "aws_route_table").filter(({ name }) => name === "app");
  const routes = ofType(resources, "aws_route").filter(({ values }) => values.destination_cidr_block === "0.0.0.0/0");
  return tables.every(({ values }) =>
    routes.some(
      (route) => route.values.route_table_id === values.id && forwarding.has(text(route.values.network_interface_id)),
    ),
  );
}

/** Whether a tier's table leads to the internet gateway: only then can the internet reach it, or it the internet. */
export function hasGateway(resources: readonly Resource[], tier: string): boolean {
  const tables = new Set(
    ofType(resources, "aws_route_table")
      .filter(({ name }) => name === tier)
      .map(({ values }) => values.id),
  );
  const gateways = new Set(ofType(resources, "aws_internet_gateway").map(({ values }) => values.id));
  return ofType(resources, "aws_route").some(
    ({ values }) =>
      tables.has(values.route_table_id) &&
      gateways.has(values.gateway_id) &&
      values.destination_cidr_block === "0.0.0.0/0",
  );
}

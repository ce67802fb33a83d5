import { byKey, is, matches, named, type Requirements, unused } from "./requirement.ts";

const PORTS = {
  '"cache"': is(6379),
  '"database"': is(5432),
  '"https"': is(443),
  '"http"': is(80),
  '"redirect"': is(80),
  '"heartbeat"': is(7946),
  '"state"': is(7947),
  '"tunnel"': is(4789),
  balancer: is(8080),
};
const PROTOCOLS = byKey({ '"heartbeat"': is("udp"), '"tunnel"': is("udp") }, is("tcp"));
const RULE = {
  from_port: ["this service's port and no other", byKey(PORTS)],
  to_port: ["this service's port and no other", byKey(PORTS)],
  ip_protocol: ["this service's protocol", PROTOCOLS],
} as const;
const NO_IPV6 = "the VPC has no IPv6, and no rule for it";

export const NETWORK: Requirements = {
  aws_default_security_group: { revoke_rules_on_delete: ["it has no rules", unused] },
  aws_ec2_subnet_cidr_reservation: {
    cidr_block: ["a router's two addresses", matches(/^10\.\d+\.[01]\.10\/31$/)],
    reservation_type: ["for whoever asks for it by name", is("explicit")],
  },
  aws_eip: { domain: ["addresses of the VPC", is("vpc")] },
  aws_eip_association: { private_ip_address: ["the router's fixed address", matches(/^10\.\d+\.[01]\.10$/)] },
  aws_flow_log: {
    log_destination_type: ["read beside the other logs", is("cloud-watch-logs")],
    max_aggregation_interval: ["ten minutes are cheap", is(600)],
    traffic_type: ["what was refused", is("REJECT", "ALL")],
  },
  aws_network_interface: {
    ipv6_address_list_enabled: [NO_IPV6, unused],
    private_ip_list_enabled: ["one fixed address", unused],
    "private_ips[]": ["the address the pair knows", matches(/^10\.\d+\.[01]\.10$/)],
    source_dest_check: ["a router forwards what is not its own", is(false)],
  },
  aws_route: { destination_cidr_block: ["a default route", is("0.0.0.0/0")] },
  aws_security_group: {
    name: ["of this environment", named],
    revoke_rules_on_delete: ["rules go one by one", unused],
  },
  aws_subnet: {
    assign_ipv6_address_on_creation: [NO_IPV6, unused],
    availability_zone: ["the zone of its key", (value, { resource }) => value === resource.index],
    cidr_block: [
      "its tier's range of the environment's own",
      byKey({
        ".public[": matches(/^10\.\d+\.[01]\.0\/24$/),
        ".data[": matches(/^10\.\d+\.[89]\.0\/24$/),
        ".app[": matches(/^10\.\d+\.(16|32)\.0\/20$/),
      }),
    ],
    enable_dns64: [NO_IPV6, unused],
    enable_resource_name_dns_a_record_on_launch: ["nobody asks for such names", unused],
    enable_resource_name_dns_aaaa_record_on_launch: [NO_IPV6, unused],
    ipv6_native: [NO_IPV6, unused],
    map_public_ip_on_launch: ["no public address by accident", is(false)],
  },
  aws_vpc: {
    cidr_block: ["an environment's own range", matches(/^10\.(10|20|30)\.0\.0\/16$/)],
    enable_dns_hostnames: ["the database is found by name", is(true)],
    enable_dns_support: ["the database is found by name", is(true)],
    instance_tenancy: ["shared machines are cheap", is("default")],
  },
  aws_vpc_endpoint: {
    service_name: ["S3 without a router", matches(/^com\.amazonaws\.eu-west-3\.s3$/)],
    vpc_endpoint_type: ["the kind that costs nothing", is("Gateway")],
  },
  aws_vpc_security_group_egress_rule: {
    ...RULE,
    cidr_ipv4: ["only the way to the internet is open to all", byKey({ to_internet: is("0.0.0.0/0") }, unused)],
  },
  aws_vpc_security_group_ingress_rule: { ...RULE, cidr_ipv4: ["a group or a list, never a range", unused] },
};

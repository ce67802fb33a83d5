output "vpc_id" {
  description = "VPC."
  value       = aws_vpc.this.id
}

output "subnets" {
  description = "Subnet ids by tier and zone."
  value = {
    public = { for az, subnet in aws_subnet.public : az => subnet.id }
    app    = { for az, subnet in aws_subnet.app : az => subnet.id }
    data   = { for az, subnet in aws_subnet.data : az => subnet.id }
  }

  # A balancer is refused, and a router is lost, in a subnet that has no way out yet; neither may take a reserved address.
  depends_on = [
    aws_route.internet, aws_route_table_association.public, aws_route_table_association.app, aws_vpc_endpoint.s3,
    aws_ec2_subnet_cidr_reservation.router,
  ]
}

output "ranges" {
  description = "IPv4 ranges by tier and zone."
  value = {
    public = { for az, subnet in aws_subnet.public : az => subnet.cidr_block }
    app    = { for az, subnet in aws_subnet.app : az => subnet.cidr_block }
  }
}

output "app_route_tables" {
  description = "Private route table by zone."
  value       = { for az, table in aws_route_table.app : az => table.id }
}

output "groups" {
  description = "Security group ids by name."
  value       = { for name, group in aws_security_group.this : name => group.id }

  # Whoever stands in a group can speak from the start.
  depends_on = [
    aws_vpc_security_group_egress_rule.app_to_data, aws_vpc_security_group_egress_rule.app_to_internet,
    aws_vpc_security_group_egress_rule.balancer_to_app, aws_vpc_security_group_egress_rule.router_pair,
    aws_vpc_security_group_egress_rule.router_to_internet, aws_vpc_security_group_ingress_rule.app_from_balancer,
    aws_vpc_security_group_ingress_rule.data_from_app, aws_vpc_security_group_ingress_rule.router_from_app,
    aws_vpc_security_group_ingress_rule.router_pair,
  ]
}

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
}

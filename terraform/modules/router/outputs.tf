output "groups" {
  description = "Group names by zone."
  value       = { for az, group in module.group : az => group.name }
}

output "interfaces" {
  description = "Fixed interface ids by zone."
  value       = { for az, interface in aws_network_interface.this : az => interface.id }
}

output "lease_table" {
  description = "Lease table: name and ARN."
  value       = { name = aws_dynamodb_table.lease.name, arn = aws_dynamodb_table.lease.arn }
}

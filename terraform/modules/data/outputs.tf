output "database" {
  description = "PostgreSQL: identifier and address."
  value       = { identifier = aws_db_instance.this.identifier, host = aws_db_instance.this.address }
}

output "cache_host" {
  description = "Valkey's primary endpoint; a name that answers nothing while parked."
  value       = var.parked ? "parked.invalid" : one(aws_elasticache_replication_group.this[*].primary_endpoint_address)
}

resource "aws_db_subnet_group" "this" {
  name        = var.name
  description = "Data subnets of ${var.name}"
  subnet_ids  = var.subnets
}

resource "aws_db_parameter_group" "this" {
  name_prefix = "${var.name}-"
  description = "TLS forced, slow statements logged"
  family      = "postgres${var.postgres_major}"

  parameter {
    name  = "rds.force_ssl"
    value = "1"
  }

  parameter {
    name  = "log_min_duration_statement"
    value = "1000"
  }

  parameter {
    name  = "log_statement"
    value = "ddl"
  }

  lifecycle {
    create_before_destroy = true
  }
}

# Named once per life of the environment: a second destroy would fail on an old snapshot's name.
resource "terraform_data" "life" {}

resource "aws_db_instance" "this" {
  identifier     = var.name
  engine         = "postgres"
  engine_version = var.postgres_major
  instance_class = var.database.instance_class
  multi_az       = var.database.multi_az
  db_name        = "medusa"
  port           = var.ports.database

  username            = "greenleaf"
  password_wo         = var.master_password
  password_wo_version = var.database.password_version

  # AWS decrypts a snapshot with the key it was made under, and that is then the database's (docs/runbook-fleet.md).
  snapshot_identifier = var.database.restore_from

  storage_type          = "gp3"
  storage_encrypted     = true
  kms_key_id            = var.kms_key_arn
  allocated_storage     = var.database.storage_gb
  max_allocated_storage = var.database.storage_max_gb

  db_subnet_group_name   = aws_db_subnet_group.this.name
  vpc_security_group_ids = [var.security_groups.database]
  parameter_group_name   = aws_db_parameter_group.this.name
  publicly_accessible    = false
  ca_cert_identifier     = "rds-ca-rsa2048-g1"

  iam_database_authentication_enabled = true
  auto_minor_version_upgrade          = true
  allow_major_version_upgrade         = true
  # Sunday night, when a scheduled environment sleeps anyway.
  maintenance_window        = "sun:02:30-sun:03:30"
  backup_window             = "01:00-02:00"
  backup_retention_period   = var.database.backup_days
  delete_automated_backups  = false
  copy_tags_to_snapshot     = true
  deletion_protection       = var.database.protected
  skip_final_snapshot       = false
  final_snapshot_identifier = "${var.name}-final-${terraform_data.life.id}"

  performance_insights_enabled          = true
  performance_insights_kms_key_id       = var.kms_key_arn
  performance_insights_retention_period = 7
  monitoring_interval                   = 60
  monitoring_role_arn                   = var.monitoring_role_arn
  enabled_cloudwatch_logs_exports       = ["postgresql", "upgrade"]

  tags = { Name = var.name }

  depends_on = [aws_cloudwatch_log_group.database]

  lifecycle {
    # It names a beginning; another name, or none, would be another database.
    ignore_changes = [snapshot_identifier]
  }
}

# RDS would make them itself, without an end and without our key.
resource "aws_cloudwatch_log_group" "database" {
  for_each = toset(["postgresql", "upgrade"])

  name              = "/aws/rds/instance/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_elasticache_subnet_group" "this" {
  name        = var.name
  description = "Data subnets of ${var.name}"
  subnet_ids  = var.subnets
}

resource "aws_elasticache_parameter_group" "this" {
  name        = "${var.name}-valkey${var.valkey_major}"
  description = "Nothing is evicted: queues live in it"
  family      = "valkey${var.valkey_major}"

  parameter {
    name  = "maxmemory-policy"
    value = "noeviction"
  }

  # Another major version is another group, and the cache holds the old one until it has moved.
  lifecycle {
    create_before_destroy = true
  }
}

# Sessions outlive a node because of the replica. Its user and password come from bootstrap: no argument of this
# resource takes one without leaving it in the state.
resource "aws_elasticache_replication_group" "this" {
  count = var.parked ? 0 : 1

  replication_group_id = var.name
  description          = "Sessions, events and locks of ${var.name}"
  engine               = "valkey"
  engine_version       = "${var.valkey_major}.0"
  node_type            = var.cache.node_type
  num_cache_clusters   = var.cache.nodes
  port                 = var.ports.cache
  parameter_group_name = aws_elasticache_parameter_group.this.name

  automatic_failover_enabled = var.cache.nodes > 1
  multi_az_enabled           = var.cache.nodes > 1
  subnet_group_name          = aws_elasticache_subnet_group.this.name
  security_group_ids         = [var.security_groups.cache]
  user_group_ids             = [var.cache_user_group]

  at_rest_encryption_enabled = true
  kms_key_id                 = var.kms_key_arn
  transit_encryption_enabled = true
  transit_encryption_mode    = "required"

  auto_minor_version_upgrade = true
  maintenance_window         = "sun:03:30-sun:04:30"
  snapshot_window            = "02:00-03:00"
  snapshot_retention_limit   = var.cache.nodes > 1 ? 7 : 1
  final_snapshot_identifier  = "${var.name}-final-${substr(terraform_data.life.id, 0, 8)}"
  apply_immediately          = true

  tags = { Name = var.name }
}

resource "aws_cloudwatch_metric_alarm" "database" {
  for_each = {
    cpu     = { metric = "CPUUtilization", comparison = "GreaterThanThreshold", threshold = 80, say = "PostgreSQL is busy: look at Performance Insights, or raise database.instance_class." }
    storage = { metric = "FreeStorageSpace", comparison = "LessThanThreshold", threshold = 2 * 1024 * 1024 * 1024, say = "PostgreSQL's disk is nearly full: raise database.storage_max_gb." }
  }

  alarm_name          = "${var.name}-database-${each.key}"
  alarm_description   = each.value.say
  namespace           = "AWS/RDS"
  metric_name         = each.value.metric
  dimensions          = { DBInstanceIdentifier = var.name }
  statistic           = "Average"
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
  ok_actions          = [var.alarm_topic]
}

resource "aws_cloudwatch_metric_alarm" "cache" {
  count = var.parked ? 0 : 1

  alarm_name          = "${var.name}-cache-memory"
  alarm_description   = "Valkey is nearly full and will refuse writes: raise cache.node_type."
  namespace           = "AWS/ElastiCache"
  metric_name         = "DatabaseMemoryUsagePercentage"
  dimensions          = { CacheClusterId = "${var.name}-001" }
  statistic           = "Maximum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 80
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
  ok_actions          = [var.alarm_topic]
}

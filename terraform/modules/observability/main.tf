resource "aws_sns_topic" "alarms" {
  name              = "${var.name}-alarms"
  kms_master_key_id = var.kms_key_arn
}

resource "aws_sns_topic_subscription" "mail" {
  topic_arn = aws_sns_topic.alarms.arn
  protocol  = "email"
  endpoint  = var.alert_email
}

resource "aws_cloudwatch_log_group" "this" {
  for_each = toset(["rejected-packets", "sessions"])

  name              = "/greenleaf/${var.name}/${each.key}"
  retention_in_days = var.log_days
  kms_key_id        = var.kms_key_arn
}

resource "aws_iam_role" "flow_log" {
  name        = "${var.name}-flow-log"
  description = "Writes rejected packets of ${var.name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account } }
    }]
  })
}

resource "aws_iam_role_policy" "flow_log" {
  name = "write"
  role = aws_iam_role.flow_log.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
      Resource = ["${aws_cloudwatch_log_group.this["rejected-packets"].arn}:*"]
    }]
  })
}

resource "aws_iam_role" "rds_monitoring" {
  name        = "${var.name}-rds-monitoring"
  description = "Enhanced monitoring of ${var.name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "monitoring.rds.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account } }
    }]
  })
}

resource "aws_iam_role_policy" "rds_monitoring" {
  name = "write"
  role = aws_iam_role.rds_monitoring.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogGroup", "logs:PutRetentionPolicy", "logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams", "logs:GetLogEvents"]
      Resource = ["arn:aws:logs:${var.region}:${var.account}:log-group:RDSOSMetrics:*"]
    }]
  })
}

resource "aws_budgets_budget" "this" {
  name         = var.name
  budget_type  = "COST"
  limit_amount = tostring(var.budget_usd)
  limit_unit   = "USD"
  time_unit    = "MONTHLY"

  cost_filter {
    name   = "TagKeyValue"
    values = [format("user:Environment$%s", var.environment)]
  }

  dynamic "notification" {
    for_each = { 50 = "ACTUAL", 80 = "ACTUAL", 100 = "ACTUAL", 101 = "FORECASTED" }

    content {
      comparison_operator        = "GREATER_THAN"
      threshold                  = min(tonumber(notification.key), 100)
      threshold_type             = "PERCENTAGE"
      notification_type          = notification.value
      subscriber_email_addresses = [var.alert_email]
    }
  }
}

# Only a subscription: the monitor of services exists once per account, and AWS makes it with Cost Explorer.
resource "aws_ce_anomaly_subscription" "mail" {
  count = var.anomaly_monitor_arn == null ? 0 : 1

  name             = var.name
  frequency        = "DAILY"
  monitor_arn_list = [var.anomaly_monitor_arn]

  subscriber {
    type    = "EMAIL"
    address = var.alert_email
  }

  threshold_expression {
    dimension {
      key           = "ANOMALY_TOTAL_IMPACT_ABSOLUTE"
      match_options = ["GREATER_THAN_OR_EQUAL"]
      values        = ["10"]
    }
  }
}

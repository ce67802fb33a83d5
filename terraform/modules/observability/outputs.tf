output "alarm_topic" {
  description = "Topic of alarms."
  value       = aws_sns_topic.alarms.arn
}

output "log_bucket" {
  description = "Bucket of access logs, ready to be written."
  value       = aws_s3_bucket_policy.logs.bucket
}

output "log_groups" {
  description = "Log groups by name: name and ARN."
  value       = { for key, group in aws_cloudwatch_log_group.this : key => { name = group.name, arn = group.arn } }
}

output "roles" {
  description = "Roles of AWS's own writers."
  value       = { flow_log = aws_iam_role.flow_log.arn, rds_monitoring = aws_iam_role.rds_monitoring.arn }

  # AWS's writers are refused, or write nothing, while their role may not yet.
  depends_on = [aws_iam_role_policy.flow_log, aws_iam_role_policy.rds_monitoring]
}

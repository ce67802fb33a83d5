output "profiles" {
  description = "Instance profiles by role."
  value       = { for role, profile in aws_iam_instance_profile.node : role => profile.name }
}

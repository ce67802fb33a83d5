output "profiles" {
  description = "Instance profiles by role."
  value       = { for role, profile in aws_iam_instance_profile.node : role => profile.name }

  # A node that starts before its role may do anything is refused until IAM has spread it.
  depends_on = [aws_iam_role_policy.node]
}

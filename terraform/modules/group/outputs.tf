output "name" {
  description = "Name of the group."
  value       = one(concat(aws_autoscaling_group.fixed[*].name, aws_autoscaling_group.scheduled[*].name))
}

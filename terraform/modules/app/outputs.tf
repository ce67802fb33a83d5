output "group" {
  description = "Name of the Auto Scaling group."
  value       = module.group.name
}

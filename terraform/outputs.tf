output "environment" {
  description = "Which environment this state holds."
  value       = var.environment
}

output "shop_url" {
  description = "Where customers find the shop once edge/ is applied."
  value       = "https://${var.hosts.shop}"
}

output "app_group" {
  description = "Auto Scaling group of app nodes."
  value       = module.app.group
}

output "router_groups" {
  description = "Auto Scaling groups of routers by zone."
  value       = module.router.groups
}

output "edge" {
  description = "What edge/ reads."
  value       = module.balancer.edge
}

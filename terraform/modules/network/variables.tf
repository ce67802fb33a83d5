variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "cidr" {
  description = "IPv4 range of the VPC."
  type        = string
}

variable "azs" {
  description = "Availability zones."
  type        = set(string)
}

variable "listener_mode" {
  description = "https or http80: which ports Cloudflare may reach."
  type        = string
}

variable "app_port" {
  description = "Where Caddy listens on an app node."
  type        = number
}

variable "data_ports" {
  description = "Port by data service: database, cache."
  type        = map(number)
}

variable "bastion" {
  description = "Whether a router may reach app nodes for port forwarding."
  type        = bool
}

variable "mail_port" {
  description = "Port of the mail server outside, or 0."
  type        = number
}

variable "cloudflare_prefix_list_id" {
  description = "Prefix list of Cloudflare's addresses."
  type        = string
}

variable "flow_log_group_arn" {
  description = "Log group for rejected packets."
  type        = string
}

variable "flow_log_role_arn" {
  description = "Role that writes it."
  type        = string
}

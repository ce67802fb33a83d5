variable "name" {
  description = "Name of the load balancer."
  type        = string
}

variable "parked" {
  description = "Parked: no load balancer."
  type        = bool
}

variable "listener_mode" {
  description = "https or http80."
  type        = string
}

variable "vpc_id" {
  description = "VPC."
  type        = string
}

variable "subnets" {
  description = "Public subnets, one per zone."
  type        = set(string)
}

variable "security_group" {
  description = "Security group of the load balancer."
  type        = string
}

variable "app_port" {
  description = "Where Caddy listens on an app node."
  type        = number
}

variable "host" {
  description = "Public name of the shop."
  type        = string
}

variable "certificate_arn" {
  description = "Certificate the TLS listener starts with."
  type        = string
}

variable "origin_header" {
  description = "Value of the header only our zone sends."
  type        = string
  sensitive   = true
}

variable "protected" {
  description = "Deletion protection."
  type        = bool
}

variable "log_bucket" {
  description = "Bucket for access logs."
  type        = string
}

variable "alarm_topic" {
  description = "Where alarms go."
  type        = string
}

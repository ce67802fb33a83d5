variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "azs" {
  description = "Availability zones whose packets are translated."
  type        = set(string)
}

variable "router_azs" {
  description = "Zones with a router of their own; the others leave through the first of them."
  type        = set(string)
}

variable "vpc_range" {
  description = "IPv4 range of the VPC: never translated."
  type        = string
}

variable "public_subnets" {
  description = "Public subnet by zone."
  type        = map(string)
}

variable "public_ranges" {
  description = "Public range by zone."
  type        = map(string)
}

variable "app_ranges" {
  description = "Private range by zone, whose packets are translated."
  type        = map(string)
}

variable "app_route_tables" {
  description = "Private route table by zone."
  type        = map(string)
}

variable "security_group" {
  description = "Security group of routers."
  type        = string
}

variable "instance_type" {
  description = "Instance type."
  type        = string
}

variable "ami" {
  description = "Image id, or resolve:ssm: and a parameter."
  type        = string
}

variable "profile" {
  description = "Instance profile."
  type        = string
}

variable "node" {
  description = "Node document without role and router section."
  type        = any
}

variable "artifact_bucket" {
  description = "Where a stock image finds the agent."
  type        = string
}

variable "public_key" {
  description = "Key the agent's archive is signed with."
  type        = string
}

variable "probes" {
  description = "Addresses outside that answer TCP; a majority of them decides whether a path works."
  type        = list(string)
  default     = ["1.1.1.1:443", "8.8.8.8:443", "9.9.9.9:443"]
}

variable "scheduled" {
  description = "Whether schedules move the groups' sizes."
  type        = bool
}

variable "kms_key_arn" {
  description = "Key of the environment."
  type        = string
}

variable "alarm_topic" {
  description = "Where alarms go."
  type        = string
}

variable "tags" {
  description = "Tags of instances and volumes."
  type        = map(string)
}

variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "region" {
  description = "AWS region."
  type        = string
}

variable "account" {
  description = "AWS account."
  type        = string
}

variable "schedule" {
  description = "As the root's variable schedule; null = always on."
  type        = object({ stop = string, start = string, days = string, time_zone = string })
}

variable "parked" {
  description = "Parked: stops stay, starts go."
  type        = bool
}

variable "app_group" {
  description = "Auto Scaling group of app nodes."
  type        = string
}

variable "app_size" {
  description = "Its size while awake."
  type        = object({ min = number, max = number })
}

variable "router_groups" {
  description = "Auto Scaling groups of routers by zone."
  type        = map(string)
}

variable "database" {
  description = "Identifier of the database."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the environment."
  type        = string
}

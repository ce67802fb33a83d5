variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "environment" {
  description = "Environment, as tags say it."
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

variable "router_azs" {
  description = "Zones with a router."
  type        = set(string)
}

variable "tree" {
  description = "Path of the environment's parameters."
  type        = string
}

variable "secrets" {
  description = "Secrets an app node reads, by name below the path."
  type        = list(string)
}

variable "artifact_bucket" {
  description = "Bucket with agent and stack archives."
  type        = string
}

variable "kms_key_arn" {
  description = "Key of the environment."
  type        = string
}

variable "session_log_group" {
  description = "Where sessions are written down."
  type        = object({ name = string, arn = string })
}

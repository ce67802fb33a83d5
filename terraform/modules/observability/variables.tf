variable "name" {
  description = "Prefix of every name."
  type        = string
}

variable "environment" {
  description = "Environment, for the budget's filter."
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

variable "elb_account" {
  description = "AWS's own account whose load balancers write access logs in eu-west-3."
  type        = string
  default     = "009996457667"
}

variable "kms_key_arn" {
  description = "Key of the environment."
  type        = string
}

variable "alert_email" {
  description = "Who hears of alarms."
  type        = string
}

variable "budget_usd" {
  description = "Monthly budget."
  type        = number
}

variable "anomaly_monitor_arn" {
  description = "The account's monitor of services; null = nobody is told."
  type        = string
}

variable "log_days" {
  description = "How long logs are kept."
  type        = number
}

variable "protected" {
  description = "Whether logs outlive a destroy."
  type        = bool
}

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

variable "tree" {
  description = "Path of the environment's parameters."
  type        = string
}

variable "parameters" {
  description = "Values by name below the path; none of them a secret, none empty."
  type        = map(string)
}

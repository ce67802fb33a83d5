# scripts/bootstrap.sh writes these to bootstrap.auto.tfvars.json; nobody types them.

variable "account_id" {
  description = "AWS account; null before bootstrap (a plan for review only)."
  type        = string
  default     = null

  validation {
    condition     = var.account_id == null || can(regex("^[0-9]{12}$", var.account_id))
    error_message = "variable account_id: 12 digits; run scripts/bootstrap.sh again."
  }
}

variable "artifact_bucket" {
  description = "Bucket with agent, Node and stack archives."
  type        = string
  default     = "greenleaf-artifacts-000000000000"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$", var.artifact_bucket))
    error_message = "variable artifact_bucket: not a bucket name; run scripts/bootstrap.sh again."
  }
}

variable "origin_certificate_arns" {
  description = "By environment: the certificate the load balancer starts with; edge/ adds the public one beside it."
  type        = map(string)
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for arn in values(var.origin_certificate_arns) : can(regex("^arn:aws:acm:[a-z0-9-]+:[0-9]{12}:certificate/[0-9a-f-]+$", arn))])
    error_message = "variable origin_certificate_arns: not ARNs of certificates; run scripts/bootstrap.sh again."
  }
}

variable "release_public_key" {
  description = "Ed25519 keys (PEM) that sign agents and releases; public, two while one is rotated."
  type        = string
  default     = "-----BEGIN PUBLIC KEY-----\nMCowBQYDK2VwAyEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n-----END PUBLIC KEY-----\n"
  nullable    = false

  validation {
    condition     = can(regex("^(-----BEGIN PUBLIC KEY-----\n[A-Za-z0-9+/=]{60}\n-----END PUBLIC KEY-----\n){1,2}$", var.release_public_key))
    error_message = "variable release_public_key: not one or two Ed25519 public keys in PEM; run scripts/bootstrap.sh again."
  }
}

variable "golden_amis" {
  description = "By environment: the roles for which Packer has published an image to /greenleaf/ENV/ami/ROLE."
  type        = map(set(string))
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for roles in values(var.golden_amis) : length(setsubtract(roles, ["app", "router"])) == 0])
    error_message = "variable golden_amis: roles are app and router; run scripts/bootstrap.sh again."
  }
}

variable "path_style" {
  description = "Address S3 by path; only for an AWS API on this machine."
  type        = bool
  default     = false
  nullable    = false
}

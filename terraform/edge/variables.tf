variable "region" {
  description = "AWS region of the fleet."
  type        = string
  default     = "eu-west-3"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[1-9]$", var.region))
    error_message = "variable region: use a name such as eu-west-3."
  }
}

variable "zone" {
  description = "The Cloudflare zone: its name, id and account. One zone, one state: a zone has one rule set per phase."
  type        = object({ name = string, id = string, account_id = string })
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.zone.id)) && can(regex("^[0-9a-f]{32}$", var.zone.account_id)) && can(regex("^[a-z0-9-]+(\\.[a-z]+)+$", var.zone.name))
    error_message = "variable zone: name is a domain, id and account_id are 32 hex digits of the dashboard's overview page."
  }
}

variable "paid_plan" {
  description = "Pro or higher: Cloudflare's managed and OWASP rules. Without, the free managed rules."
  type        = bool
  default     = true
  nullable    = false
}

variable "environments" {
  description = "Environments the edge serves: host names as in envs/*.tfvars. Leave one out until terraform/ has made it."
  type        = map(object({ shop = string, media = string }))
  nullable    = false

  validation {
    condition     = length(var.environments) > 0 && alltrue([for name in keys(var.environments) : contains(["prod", "preprod", "dev"], name)])
    error_message = "variable environments: use prod, preprod and dev."
  }

  validation {
    condition     = alltrue([for hosts in values(var.environments) : alltrue([for host in values(hosts) : host == var.zone.name || endswith(host, ".${var.zone.name}")])])
    error_message = "variable environments: every host must be inside the zone."
  }
}

variable "media_token_permission" {
  description = "Cloudflare's id of the permission group `Workers R2 Storage Bucket Item Write`."
  type        = string
  default     = "2efd5506f9c8494dacb1fa10a3e7d5b6"
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.media_token_permission))
    error_message = "variable media_token_permission: 32 hex digits."
  }
}

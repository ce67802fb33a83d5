variable "name" {
  description = "Name of database and cache."
  type        = string
}

variable "parked" {
  description = "Parked: the cache is gone."
  type        = bool
}

variable "database" {
  description = "As the root's variable database."
  type = object({
    instance_class = string
    multi_az       = bool
    storage_gb     = number
    storage_max_gb = number
    backup_days    = number
    protected      = bool

    password_version = number
    restore_from     = string
  })
}

variable "cache" {
  description = "As the root's variable cache."
  type        = object({ node_type = string, nodes = number })
}

variable "ports" {
  description = "Port by service."
  type        = object({ database = number, cache = number })
}

variable "postgres_major" {
  description = "Major version, as in compose/local.yml."
  type        = string
  default     = "17"
}

variable "valkey_major" {
  description = "Major version, as in compose/local.yml."
  type        = string
  default     = "8"
}

variable "master_password" {
  description = "Password of the database's owner; in no state and in no plan."
  type        = string
  ephemeral   = true
}

variable "cache_user_group" {
  description = "User group whose one user knows the cache's password; made by bootstrap."
  type        = string
}

variable "subnets" {
  description = "Data subnets, one per zone."
  type        = set(string)
}

variable "security_groups" {
  description = "Security groups."
  type        = object({ database = string, cache = string })
}

variable "kms_key_arn" {
  description = "Key of the environment."
  type        = string
}

variable "monitoring_role_arn" {
  description = "Role of RDS's enhanced monitoring."
  type        = string
}

variable "alarm_topic" {
  description = "Where alarms go."
  type        = string
}

variable "log_days" {
  description = "How long logs are kept."
  type        = number
}

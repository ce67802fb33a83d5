variable "name" {
  description = "Name of the group."
  type        = string
}

variable "subnets" {
  description = "Subnet ids the group spreads over."
  type        = set(string)
}

variable "template" {
  description = "Launch template: id and the exact version, so that a change is seen and rolled out."
  type        = object({ id = string, version = number })
}

variable "size" {
  description = "Smallest and largest number of instances."
  type        = object({ min = number, max = number })
}

variable "scheduled" {
  description = "Whether schedules move the sizes; a plan at night must then not move them back."
  type        = bool
}

variable "spot_types" {
  description = "Instance types of an all-Spot group; empty = on demand."
  type        = list(string)
  default     = []
}

variable "load_balanced" {
  description = "Whether a load balancer's health check decides on life and death."
  type        = bool
}

variable "target_groups" {
  description = "Target groups instances are registered in."
  type        = set(string)
  default     = []
}

variable "replace_first" {
  description = "True where the old instance holds what the new one needs (a fixed interface)."
  type        = bool
  default     = false
}

variable "rollback" {
  description = "Whether a failed refresh goes back; AWS refuses that where the template's image is a parameter."
  type        = bool
}

variable "grace_seconds" {
  description = "How long a young instance may be unhealthy; the stock boot path installs everything first."
  type        = number
  default     = 600
}

variable "drain_seconds" {
  description = "How long a leaving instance may take; it ends the wait itself."
  type        = number
}

variable "tags" {
  description = "Tags of the group's instances."
  type        = map(string)
}

variable "name" {
  description = "Name of group and template."
  type        = string
}

variable "app" {
  description = "Size and kind of the nodes, as the root's variable app."
  type = object({
    instance_type = string
    min           = number
    max           = number
    volume_gb     = number
    spot          = bool
    spot_types    = list(string)
    credits       = string
  })
}

variable "ami" {
  description = "Image id, or resolve:ssm: and a parameter."
  type        = string
}

variable "subnets" {
  description = "Private subnets, one per zone."
  type        = set(string)
}

variable "security_group" {
  description = "Security group of app nodes."
  type        = string
}

variable "profile" {
  description = "Instance profile."
  type        = string
}

variable "target_group" {
  description = "Target group of the load balancer."
  type        = string
}

variable "scheduled" {
  description = "Whether schedules move the group's sizes."
  type        = bool
}

variable "node" {
  description = "Node document without role."
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

variable "alarm_topic" {
  description = "Where alarms go."
  type        = string
}

variable "tags" {
  description = "Tags of instances and volumes."
  type        = map(string)
}

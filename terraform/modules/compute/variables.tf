variable "name" {
  description = "Name of the launch template."
  type        = string
}

variable "ami" {
  description = "Image id, or resolve:ssm: and the parameter that holds it."
  type        = string
}

variable "instance_type" {
  description = "Instance type."
  type        = string
}

variable "credits" {
  description = "T3 credit mode, always said: AWS's default is unlimited and bills the surplus."
  type        = string
}

variable "volume_gb" {
  description = "Size of the root volume."
  type        = number
}

variable "detailed_monitoring" {
  description = "One-minute CPU metrics; scaling wants them."
  type        = bool
  default     = false
}

variable "security_group" {
  description = "Security group."
  type        = string
}

variable "public_address" {
  description = "Whether the first interface gets a public address (routers only)."
  type        = bool
}

variable "profile" {
  description = "Instance profile."
  type        = string
}

variable "node" {
  description = "Node document (node-agent/src/core/config/node-document.ts): what the machine is told about itself."
  type        = any
}

variable "artifact_bucket" {
  description = "Where a stock image finds the agent."
  type        = string
}

variable "artifact_url" {
  description = "Address of that bucket where it is not AWS's."
  type        = string
  default     = null
}

variable "agent_version" {
  description = "Agent a node runs: a stock image fetches it, an app image with an older one replaces its own."
  type        = string
  default     = "0.1.0"
}

variable "imds_url" {
  description = "Instance metadata."
  type        = string
  default     = "http://169.254.169.254"
}

variable "public_key" {
  description = "Ed25519 key the agent's archive is signed with."
  type        = string
}

variable "tags" {
  description = "Tags of instances and volumes."
  type        = map(string)
}

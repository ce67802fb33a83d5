# What app and router images have in common. ./greenleaf ami fills these in; packer/README.md tells what each is.

variable "region" {
  type    = string
  default = "eu-west-3"
}

# The distribution: debian-13.pkrvars.hcl or amazon-linux-2023.pkrvars.hcl.
variable "os" {
  type = string
}
variable "ami_owner" {
  type = string
}
variable "ami_name" {
  type = string
}
variable "ssh_username" {
  type = string
}
variable "root_device" {
  type = string
}

# required: the build fails without it; absent: the distribution does not package it.
variable "ssm_agent" {
  type = string
}

# Folder of ./greenleaf agent-archive, with release.pub in it.
variable "archive" {
  type = string
}

# Container images that an app image brings along, by digest; and the registry's login, a Docker config.json on tmpfs.
variable "images" {
  type    = list(string)
  default = []
}
variable "registry_login" {
  type    = string
  default = ""
}

# Where manifest and lists of packages are put.
variable "out" {
  type = string
}
variable "version" {
  type = string
}
variable "kms_key" {
  type    = string
  default = "alias/greenleaf"
}
variable "instance_type" {
  type    = string
  default = "t3.small"
}

# Builds on this machine, in tests: another EC2, another way to the instance, another engine's container.
variable "ec2_endpoint" {
  type    = string
  default = ""
}
variable "ssh_host" {
  type    = string
  default = ""
}
variable "ssh_port" {
  type    = number
  default = 22
}
variable "ssh_private_key_file" {
  type    = string
  default = ""
}
variable "docker_image" {
  type    = string
  default = "debian:trixie-slim"
}
variable "docker_run" {
  type    = list(string)
  default = ["-d", "-i", "-t", "--", "{{.Image}}", "/bin/sh"]
}

locals {
  stamp   = formatdate("YYYYMMDDhhmmss", timestamp())
  staging = "/var/tmp/greenleaf-image"
  # As root, whoever logs in; nothing secret is in the variables of a script.
  as_root = "chmod +x '{{ .Path }}'; if [ \"$(id -u)\" = 0 ]; then env {{ .Vars }} '{{ .Path }}'; else sudo -n env {{ .Vars }} '{{ .Path }}'; fi"
}

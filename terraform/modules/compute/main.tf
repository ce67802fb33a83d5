locals {
  user_data = templatefile("${path.module}/user_data.sh.tftpl", {
    node       = var.node
    agent      = var.agent_version
    public_key = replace(trimspace(var.public_key), "\n", "\\n") # one line, however many keys
    region     = var.node.region
    artifacts  = coalesce(var.artifact_url, "https://${var.artifact_bucket}.s3.${var.node.region}.amazonaws.com")
    imds       = var.imds_url
  })
}

resource "aws_launch_template" "this" {
  name                   = var.name
  description            = "A node of role ${var.node.role}"
  image_id               = var.ami
  instance_type          = var.instance_type
  update_default_version = true
  ebs_optimized          = true
  user_data              = base64encode(local.user_data)
  tags                   = { Name = var.name }

  iam_instance_profile {
    name = var.profile
  }

  # One hop: the agent on the host reads metadata, containers cannot.
  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
    instance_metadata_tags      = "disabled"
  }

  credit_specification {
    cpu_credits = var.credits
  }

  monitoring {
    enabled = var.detailed_monitoring
  }

  network_interfaces {
    device_index                = 0
    associate_public_ip_address = var.public_address
    delete_on_termination       = true
    security_groups             = [var.security_group]
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.volume_gb
      encrypted             = true
      delete_on_termination = true
    }
  }

  dynamic "tag_specifications" {
    for_each = toset(["instance", "volume", "network-interface"])

    content {
      resource_type = tag_specifications.value
      tags          = var.tags
    }
  }

  lifecycle {
    precondition {
      condition     = length(local.user_data) <= 4096
      error_message = "user_data of role ${var.node.role} has more than 4096 bytes; the node document is the only part that grows."
    }
  }
}

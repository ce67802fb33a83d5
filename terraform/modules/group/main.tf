# Two variants of one group, since ignore_changes cannot depend on a variable. They differ in it and in nothing else
# (tests/terraform/house.test.ts compares them).

resource "aws_autoscaling_group" "fixed" {
  count = var.scheduled ? 0 : 1

  name                      = var.name
  vpc_zone_identifier       = var.subnets
  min_size                  = var.size.min
  max_size                  = var.size.max
  health_check_type         = var.load_balanced ? "ELB" : "EC2"
  health_check_grace_period = var.grace_seconds
  default_instance_warmup   = 120
  max_instance_lifetime     = var.replace_first ? 0 : 30 * 24 * 3600
  capacity_rebalance        = length(var.spot_types) > 0
  target_group_arns         = var.target_groups
  termination_policies      = ["OldestLaunchTemplate", "OldestInstance"]
  enabled_metrics           = ["GroupDesiredCapacity", "GroupInServiceInstances"]
  # Whether the shop is healthy is for alarms to say; an apply must also succeed before there is a first release.
  wait_for_capacity_timeout = "0"

  dynamic "launch_template" {
    for_each = length(var.spot_types) == 0 ? [var.template] : []

    content {
      id      = launch_template.value.id
      version = launch_template.value.version
    }
  }

  dynamic "mixed_instances_policy" {
    for_each = length(var.spot_types) > 0 ? [var.template] : []

    content {
      instances_distribution {
        on_demand_base_capacity                  = 0
        on_demand_percentage_above_base_capacity = 0
        spot_allocation_strategy                 = "price-capacity-optimized"
      }

      launch_template {
        launch_template_specification {
          launch_template_id = mixed_instances_policy.value.id
          version            = mixed_instances_policy.value.version
        }

        dynamic "override" {
          for_each = var.spot_types

          content {
            instance_type = override.value
          }
        }
      }
    }
  }

  # Inside the group: as a resource of its own it would come after the first launches. An instance that never says it
  # is healthy is given up, one that leaves is let go.
  initial_lifecycle_hook {
    name                 = "greenleaf-launch"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
    default_result       = "ABANDON"
    heartbeat_timeout    = 900
  }

  initial_lifecycle_hook {
    name                 = "greenleaf-terminate"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_TERMINATING"
    default_result       = "CONTINUE"
    heartbeat_timeout    = var.drain_seconds
  }

  instance_maintenance_policy {
    min_healthy_percentage = var.replace_first ? 0 : 100
    max_healthy_percentage = var.replace_first ? 100 : 150
  }

  # Groups that replace in place would all do so at once, as they would at the same age: docs/runbook-router.md has
  # the order for them.
  dynamic "instance_refresh" {
    for_each = var.replace_first ? [] : [1]

    content {
      strategy = "Rolling"

      preferences {
        min_healthy_percentage = 100
        max_healthy_percentage = 150
        auto_rollback          = var.rollback
        skip_matching          = true
      }
    }
  }

  dynamic "tag" {
    for_each = var.tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  lifecycle {
    # Scaling moves it.
    ignore_changes       = [desired_capacity]
    replace_triggered_by = [terraform_data.hooks]
  }
}

resource "aws_autoscaling_group" "scheduled" {
  count = var.scheduled ? 1 : 0

  name                      = var.name
  vpc_zone_identifier       = var.subnets
  min_size                  = var.size.min
  max_size                  = var.size.max
  health_check_type         = var.load_balanced ? "ELB" : "EC2"
  health_check_grace_period = var.grace_seconds
  default_instance_warmup   = 120
  max_instance_lifetime     = var.replace_first ? 0 : 30 * 24 * 3600
  capacity_rebalance        = length(var.spot_types) > 0
  target_group_arns         = var.target_groups
  termination_policies      = ["OldestLaunchTemplate", "OldestInstance"]
  enabled_metrics           = ["GroupDesiredCapacity", "GroupInServiceInstances"]
  # Whether the shop is healthy is for alarms to say; an apply must also succeed before there is a first release.
  wait_for_capacity_timeout = "0"

  dynamic "launch_template" {
    for_each = length(var.spot_types) == 0 ? [var.template] : []

    content {
      id      = launch_template.value.id
      version = launch_template.value.version
    }
  }

  dynamic "mixed_instances_policy" {
    for_each = length(var.spot_types) > 0 ? [var.template] : []

    content {
      instances_distribution {
        on_demand_base_capacity                  = 0
        on_demand_percentage_above_base_capacity = 0
        spot_allocation_strategy                 = "price-capacity-optimized"
      }

      launch_template {
        launch_template_specification {
          launch_template_id = mixed_instances_policy.value.id
          version            = mixed_instances_policy.value.version
        }

        dynamic "override" {
          for_each = var.spot_types

          content {
            instance_type = override.value
          }
        }
      }
    }
  }

  # Inside the group: as a resource of its own it would come after the first launches. An instance that never says it
  # is healthy is given up, one that leaves is let go.
  initial_lifecycle_hook {
    name                 = "greenleaf-launch"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_LAUNCHING"
    default_result       = "ABANDON"
    heartbeat_timeout    = 900
  }

  initial_lifecycle_hook {
    name                 = "greenleaf-terminate"
    lifecycle_transition = "autoscaling:EC2_INSTANCE_TERMINATING"
    default_result       = "CONTINUE"
    heartbeat_timeout    = var.drain_seconds
  }

  instance_maintenance_policy {
    min_healthy_percentage = var.replace_first ? 0 : 100
    max_healthy_percentage = var.replace_first ? 100 : 150
  }

  # Groups that replace in place would all do so at once, as they would at the same age: docs/runbook-router.md has
  # the order for them.
  dynamic "instance_refresh" {
    for_each = var.replace_first ? [] : [1]

    content {
      strategy = "Rolling"

      preferences {
        min_healthy_percentage = 100
        max_healthy_percentage = 150
        auto_rollback          = var.rollback
        skip_matching          = true
      }
    }
  }

  dynamic "tag" {
    for_each = var.tags

    content {
      key                 = tag.key
      value               = tag.value
      propagate_at_launch = true
    }
  }

  lifecycle {
    # Schedules move all three: an apply at night must not wake the group.
    ignore_changes       = [desired_capacity, min_size, max_size]
    replace_triggered_by = [terraform_data.hooks]
  }
}

# AWS applies edits of an initial hook to nobody: a changed one makes a new group.
resource "terraform_data" "hooks" {
  input = { launch = 900, terminate = var.drain_seconds }
}

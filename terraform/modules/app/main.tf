module "template" {
  source = "../compute"

  name                = var.name
  ami                 = var.ami
  instance_type       = var.app.instance_type
  credits             = var.app.credits
  volume_gb           = var.app.volume_gb
  detailed_monitoring = true
  security_group      = var.security_group
  public_address      = false
  profile             = var.profile
  node                = merge(var.node, { role = "app" })
  artifact_bucket     = var.artifact_bucket
  public_key          = var.public_key
  tags                = var.tags
}

module "group" {
  source = "../group"

  name          = var.name
  subnets       = var.subnets
  template      = module.template.template
  size          = { min = var.app.min, max = var.app.max }
  scheduled     = var.scheduled
  spot_types    = var.app.spot ? var.app.spot_types : []
  load_balanced = true
  target_groups = [var.target_group]
  rollback      = startswith(var.ami, "ami-")
  # Deregistration (30 s), then the agent's own drain (30 s), then the containers' stop.
  drain_seconds = 120
  tags          = var.tags
}

# The guide's rule, literally: above 60 % add one, below 40 % remove one. Stable because at least two nodes stay.
resource "aws_autoscaling_policy" "step" {
  for_each = { add = 1, remove = -1 }

  name                    = "${var.name}-${each.key}"
  autoscaling_group_name  = module.group.name
  policy_type             = "StepScaling"
  adjustment_type         = "ChangeInCapacity"
  metric_aggregation_type = "Average"
  # AWS takes a warm-up only where instances are added.
  estimated_instance_warmup = each.value > 0 ? 120 : null

  step_adjustment {
    scaling_adjustment          = each.value
    metric_interval_lower_bound = each.value > 0 ? 0 : null
    metric_interval_upper_bound = each.value > 0 ? null : 0
  }
}

resource "aws_cloudwatch_metric_alarm" "cpu" {
  for_each = {
    add    = { comparison = "GreaterThanThreshold", threshold = 60, minutes = 3 }
    remove = { comparison = "LessThanThreshold", threshold = 40, minutes = 15 }
  }

  alarm_name          = "${var.name}-cpu-${each.key}"
  alarm_description   = "CPU of app nodes: ${each.key} one."
  namespace           = "AWS/EC2"
  metric_name         = "CPUUtilization"
  dimensions          = { AutoScalingGroupName = module.group.name }
  statistic           = "Average"
  comparison_operator = each.value.comparison
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = each.value.minutes
  treat_missing_data  = "notBreaching"
  alarm_actions       = [aws_autoscaling_policy.step[each.key].arn]
}

# Unlimited T3 is billed above its baseline: 0.05 USD per vCPU and hour, +85 % on a t3.medium at a steady 60 %.
resource "aws_cloudwatch_metric_alarm" "surplus" {
  count = var.app.credits == "unlimited" ? 1 : 0

  alarm_name          = "${var.name}-surplus-credits"
  alarm_description   = "App nodes run above their CPU baseline and AWS bills it: see ./greenleaf cost, raise the instance type or the minimum."
  namespace           = "AWS/EC2"
  metric_name         = "CPUSurplusCreditsCharged"
  dimensions          = { AutoScalingGroupName = module.group.name }
  statistic           = "Sum"
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  period              = 3600
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
}

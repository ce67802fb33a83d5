locals {
  on    = var.schedule != null
  wakes = local.on && !var.parked
  # Minutes after midnight; a review without a schedule computes on the default and uses nothing of it.
  clock = { for key in ["stop", "start"] : key => split(":", try(var.schedule[key], "12:00")) }
  at    = { for key, hm in local.clock : key => tonumber(hm[0]) * 60 + tonumber(hm[1]) }
  days  = try(var.schedule.days, "*")
  zone  = try(var.schedule.time_zone, "Etc/UTC")

  # Up: data first (it takes minutes to start), then routers, then nodes. Down: the other way round.
  start = { database = local.at.start - 30, router = local.at.start - 10, app = local.at.start }
  stop  = { app = local.at.stop, router = local.at.stop + 10, database = local.at.stop + 15 }

  # AWS moves neither start time nor occurrences of a changed action (terraform-provider-aws #38983): a changed time
  # must be a new action, so the name says the time.
  stop_cron  = { for part, at in local.stop : part => "${at % 60} ${floor(at / 60)} * * *" }
  start_cron = { for part, at in local.start : part => "${at % 60} ${floor(at / 60)} * * ${local.days}" }

  # The routers' groups have one member each, app groups their minimum.
  groups = merge(
    { app = { name = var.app_group, part = "app", size = var.app_size } },
    { for az, name in var.router_groups : "router-${az}" => { name = name, part = "router", size = { min = 1, max = 1 } } },
  )
}

resource "aws_autoscaling_schedule" "stop" {
  for_each = local.on ? local.groups : {}

  scheduled_action_name  = "stop-${replace(replace(local.stop_cron[each.value.part], " ", "-"), "*", "x")}"
  autoscaling_group_name = each.value.name
  recurrence             = local.stop_cron[each.value.part]
  time_zone              = local.zone
  min_size               = 0
  max_size               = each.value.size.max
  desired_capacity       = 0
}

resource "aws_autoscaling_schedule" "start" {
  for_each = local.wakes ? local.groups : {}

  scheduled_action_name  = "start-${replace(replace(local.start_cron[each.value.part], " ", "-"), "*", "x")}"
  autoscaling_group_name = each.value.name
  recurrence             = local.start_cron[each.value.part]
  time_zone              = local.zone
  min_size               = each.value.size.min
  max_size               = each.value.size.max
  desired_capacity       = each.value.size.min
}

# No code runs: the scheduler calls RDS itself. RDS wakes by itself after seven days; the daily stop covers that too.
resource "aws_scheduler_schedule" "database" {
  for_each = merge(
    local.on ? { stop = { at = local.stop.database, days = "*", action = "stopDBInstance" } } : {},
    local.wakes ? { start = { at = local.start.database, days = local.days, action = "startDBInstance" } } : {},
  )

  name        = "${var.name}-database-${each.key}"
  description = "PostgreSQL of ${var.name}: ${each.key}"
  schedule_expression = each.value.days == "*" ? (
    "cron(${each.value.at % 60} ${floor(each.value.at / 60)} * * ? *)"
    ) : (
    "cron(${each.value.at % 60} ${floor(each.value.at / 60)} ? * ${each.value.days} *)"
  )
  schedule_expression_timezone = local.zone
  kms_key_arn                  = var.kms_key_arn

  flexible_time_window {
    mode = "OFF"
  }

  target {
    arn      = "arn:aws:scheduler:::aws-sdk:rds:${each.value.action}"
    role_arn = aws_iam_role.scheduler[0].arn
    input    = jsonencode({ DbInstanceIdentifier = var.database })

    retry_policy {
      maximum_event_age_in_seconds = 3600
      maximum_retry_attempts       = 10
    }
  }
}

resource "aws_iam_role" "scheduler" {
  count = local.on ? 1 : 0

  name        = "${var.name}-scheduler"
  description = "Stops and starts the database of ${var.name}"
  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "scheduler.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.account } }
    }]
  })
}

resource "aws_iam_role_policy" "scheduler" {
  count = local.on ? 1 : 0

  name = "database"
  role = aws_iam_role.scheduler[0].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["rds:StopDBInstance", "rds:StartDBInstance"]
        Resource = "arn:aws:rds:${var.region}:${var.account}:db:${var.database}"
      },
      { Effect = "Allow", Action = "kms:Decrypt", Resource = var.kms_key_arn },
    ]
  })
}

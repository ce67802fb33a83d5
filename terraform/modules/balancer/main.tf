locals {
  https = var.listener_mode == "https"
  open  = var.parked ? 0 : 1
}

# A rule that names a list counts its max_entries against the group's 60 rules: no more than the list has.
resource "aws_ec2_managed_prefix_list" "cloudflare" {
  name           = "${var.name}-cloudflare"
  address_family = "IPv4"
  max_entries    = length(local.cloudflare.ranges)
  tags           = { Name = "${var.name}-cloudflare", Read = local.cloudflare.read }

  dynamic "entry" {
    for_each = local.cloudflare.ranges

    content {
      cidr        = entry.value
      description = "Cloudflare"
    }
  }
}

locals {
  cloudflare = jsondecode(file("${path.module}/cloudflare-ipv4.json"))
}

resource "aws_lb" "this" {
  count = local.open

  name                       = var.name
  load_balancer_type         = "application"
  internal                   = false
  security_groups            = [var.security_group]
  subnets                    = var.subnets
  drop_invalid_header_fields = true
  desync_mitigation_mode     = "defensive"
  enable_deletion_protection = var.protected
  idle_timeout               = 60
  xff_header_processing_mode = "append"
  tags                       = { Name = var.name }

  access_logs {
    bucket  = var.log_bucket
    prefix  = "balancer"
    enabled = true
  }
}

resource "aws_lb_target_group" "app" {
  name                          = "${var.name}-app"
  vpc_id                        = var.vpc_id
  port                          = var.app_port
  protocol                      = "HTTP"
  target_type                   = "instance"
  load_balancing_algorithm_type = "least_outstanding_requests"
  # As long as a request may take; AWS's 300 s would slow every refresh.
  deregistration_delay = 30
  tags                 = { Name = "${var.name}-app" }

  # A node that leaves serves for interval x unhealthy_threshold and more: node-agent/src/core/node/drain.ts has the same numbers.
  health_check {
    path                = "/healthz"
    port                = "traffic-port"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = 10
    timeout             = 5
    healthy_threshold   = 2
    unhealthy_threshold = 3
  }
}

resource "aws_lb_listener" "https" {
  count = local.https ? local.open : 0

  load_balancer_arn = aws_lb.this[0].arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = var.certificate_arn

  # Any Cloudflare customer can send through Cloudflare's addresses; only ours knows the header.
  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "not from this shop's zone"
      status_code  = "403"
    }
  }
}

resource "aws_lb_listener" "redirect" {
  count = local.https ? local.open : 0

  load_balancer_arn = aws_lb.this[0].arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}

resource "aws_lb_listener" "http" {
  count = local.https ? 0 : local.open

  load_balancer_arn = aws_lb.this[0].arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      message_body = "not from this shop's zone"
      status_code  = "403"
    }
  }
}

resource "aws_lb_listener_rule" "ours" {
  count = local.open

  listener_arn = one(concat(aws_lb_listener.https[*].arn, aws_lb_listener.http[*].arn))
  priority     = 10

  condition {
    http_header {
      http_header_name = "X-GreenLeaf-Origin"
      values           = [var.origin_header]
    }
  }

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.app.arn
  }
}

# The public certificate; edge/ proves the names to it and hangs it beside the first one. Nothing here waits for that.
resource "aws_acm_certificate" "public" {
  domain_name       = var.host
  validation_method = "DNS"
  tags              = { Name = var.name }

  options {
    certificate_transparency_logging_preference = "ENABLED"
  }

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_cloudwatch_metric_alarm" "balancer" {
  for_each = var.parked ? {} : {
    errors    = { metric = "HTTPCode_Target_5XX_Count", statistic = "Sum", threshold = 10, say = "The shop answers with errors: ./greenleaf fleet status, then the nodes' /status." }
    unhealthy = { metric = "UnHealthyHostCount", statistic = "Maximum", threshold = 0, say = "An app node fails its health check: ./greenleaf fleet status names it." }
  }

  alarm_name        = "${var.name}-balancer-${each.key}"
  alarm_description = each.value.say
  namespace         = "AWS/ApplicationELB"
  metric_name       = each.value.metric
  dimensions = {
    LoadBalancer = aws_lb.this[0].arn_suffix
    TargetGroup  = aws_lb_target_group.app.arn_suffix
  }
  statistic           = each.value.statistic
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  period              = 60
  evaluation_periods  = 5
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
  ok_actions          = [var.alarm_topic]
}

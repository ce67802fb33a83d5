# Values AWS would make, where the provider checks their shape or our nodes are told them.
mock_resource "aws_kms_key" {
  defaults = {
    arn = "arn:aws:kms:eu-west-3:123456789012:key/11111111-2222-3333-4444-555555555555"
  }
}
mock_resource "aws_iam_role" {
  defaults = {
    arn = "arn:aws:iam::123456789012:role/mocked"
  }
}
mock_resource "aws_sns_topic" {
  defaults = {
    arn = "arn:aws:sns:eu-west-3:123456789012:mocked"
  }
}
mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:eu-west-3:123456789012:log-group:mocked"
  }
}
mock_resource "aws_lb" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:loadbalancer/app/mocked/0123456789abcdef"
    arn_suffix = "app/mocked/0123456789abcdef"
    dns_name   = "mocked.eu-west-3.elb.amazonaws.com"
  }
}
mock_resource "aws_lb_target_group" {
  defaults = {
    arn        = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:targetgroup/mocked/0123456789abcdef"
    arn_suffix = "targetgroup/mocked/0123456789abcdef"
  }
}
mock_resource "aws_lb_listener" {
  defaults = {
    arn = "arn:aws:elasticloadbalancing:eu-west-3:123456789012:listener/app/mocked/0123456789abcdef/0123456789abcdef"
  }
}
mock_resource "aws_acm_certificate" {
  defaults = {
    arn = "arn:aws:acm:eu-west-3:123456789012:certificate/11111111-2222-3333-4444-555555555555"
    domain_validation_options = [{
      domain_name           = "greenleaf.com"
      resource_record_name  = "_proof.greenleaf.com."
      resource_record_type  = "CNAME"
      resource_record_value = "_proof.acm-validations.aws."
    }]
  }
}
mock_resource "aws_autoscaling_policy" {
  defaults = {
    arn = "arn:aws:autoscaling:eu-west-3:123456789012:scalingPolicy:11111111-2222-3333-4444-555555555555:autoScalingGroupName/mocked:policyName/mocked"
  }
}
mock_resource "aws_launch_template" {
  defaults = {
    id             = "lt-0123456789abcdef0"
    latest_version = 1
  }
}
mock_resource "aws_dynamodb_table" {
  defaults = {
    arn = "arn:aws:dynamodb:eu-west-3:123456789012:table/mocked"
  }
}

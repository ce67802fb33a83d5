output "target_group_arn" {
  description = "Target group of app nodes."
  value       = aws_lb_target_group.app.arn
}

output "prefix_list_id" {
  description = "Prefix list of Cloudflare's addresses."
  value       = aws_ec2_managed_prefix_list.cloudflare.id
}

output "edge" {
  description = "What edge/ needs: where to send requests, which listener gets the public certificate, how to prove its name."
  value = {
    origin      = var.parked ? "parked.invalid" : aws_lb.this[0].dns_name
    listener    = var.parked || !local.https ? "none" : aws_lb_listener.https[0].arn
    scheme      = local.https ? "https" : "http"
    certificate = aws_acm_certificate.public.arn
    proof = one([
      for option in aws_acm_certificate.public.domain_validation_options : {
        name  = option.resource_record_name
        type  = option.resource_record_type
        value = option.resource_record_value
      }
    ])
  }
}

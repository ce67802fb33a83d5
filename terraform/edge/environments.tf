# What terraform/ and bootstrap left for the edge; neither waits for anything here.
data "aws_ssm_parameter" "origin" {
  for_each = var.environments

  name = "/greenleaf-edge/${each.key}/origin"
}

data "aws_ssm_parameter" "origin_header" {
  for_each = var.environments

  name            = "/greenleaf-edge/${each.key}/origin-header"
  with_decryption = true
}

locals {
  origins = { for name, parameter in data.aws_ssm_parameter.origin : name => jsondecode(nonsensitive(parameter.value)) }
  buckets = merge([
    for environment in keys(var.environments) : {
      "${environment}-media"   = { environment = environment, kind = "media" }
      "${environment}-private" = { environment = environment, kind = "private" }
    }
  ]...)
}

resource "cloudflare_dns_record" "shop" {
  for_each = var.environments

  zone_id = var.zone.id
  name    = each.value.shop
  type    = "CNAME"
  content = local.origins[each.key].origin
  proxied = true
  ttl     = 1
  comment = "greenleaf ${each.key}"
}

# Proof of the name for AWS's certificate; must not be proxied.
resource "cloudflare_dns_record" "proof" {
  for_each = var.environments

  zone_id = var.zone.id
  name    = trimsuffix(local.origins[each.key].proof.name, ".")
  type    = local.origins[each.key].proof.type
  content = trimsuffix(local.origins[each.key].proof.value, ".")
  proxied = false
  ttl     = 300
  comment = "greenleaf ${each.key}: certificate"
}

resource "aws_acm_certificate_validation" "this" {
  for_each = var.environments

  certificate_arn = local.origins[each.key].certificate

  depends_on = [cloudflare_dns_record.proof]
}

# Beside the listener's own certificate; a parked or http80 environment has no TLS listener.
resource "aws_lb_listener_certificate" "this" {
  for_each = { for name, origin in local.origins : name => origin if origin.listener != "none" }

  listener_arn    = each.value.listener
  certificate_arn = aws_acm_certificate_validation.this[each.key].certificate_arn
}

# The default jurisdiction: the EU one would move the endpoint away from the guide's.
resource "cloudflare_r2_bucket" "this" {
  for_each = local.buckets

  account_id    = var.zone.account_id
  name          = "greenleaf-${each.key}"
  location      = "weur"
  storage_class = "Standard"
}

# Nothing of the private bucket, and nothing past the custom domain, is public.
resource "cloudflare_r2_managed_domain" "closed" {
  for_each = local.buckets

  account_id  = var.zone.account_id
  bucket_name = cloudflare_r2_bucket.this[each.key].name
  enabled     = false
}

resource "cloudflare_r2_custom_domain" "media" {
  for_each = var.environments

  account_id  = var.zone.account_id
  bucket_name = cloudflare_r2_bucket.this["${each.key}-media"].name
  domain      = each.value.media
  zone_id     = var.zone.id
  enabled     = true
  min_tls     = "1.2"
}

resource "cloudflare_r2_bucket_cors" "media" {
  for_each = var.environments

  account_id  = var.zone.account_id
  bucket_name = cloudflare_r2_bucket.this["${each.key}-media"].name
  rules = [{
    id              = "shop"
    allowed         = { methods = ["GET", "HEAD"], origins = ["https://${each.value.shop}"], headers = ["*"] }
    max_age_seconds = 86400
  }]
}

# Tables for import and export: the admin's pages read and write them by signed links.
resource "cloudflare_r2_bucket_cors" "private" {
  for_each = var.environments

  account_id  = var.zone.account_id
  bucket_name = cloudflare_r2_bucket.this["${each.key}-private"].name
  rules = [{
    id              = "admin"
    allowed         = { methods = ["GET", "HEAD", "PUT"], origins = ["https://${each.value.shop}"], headers = ["content-type"] }
    max_age_seconds = 3600
  }]
}

# May write these two buckets and nothing else.
resource "cloudflare_account_token" "media" {
  for_each = var.environments

  account_id = var.zone.account_id
  name       = "greenleaf ${each.key} media"
  policies = [{
    effect            = "allow"
    permission_groups = [{ id = var.media_token_permission }]
    resources = jsonencode({
      for kind in ["media", "private"] :
      "com.cloudflare.edge.r2.bucket.${var.zone.account_id}_default_${cloudflare_r2_bucket.this["${each.key}-${kind}"].name}" => "*"
    })
  }]
}

# R2's S3 keys: the token's id, and the SHA-256 of its value.
resource "aws_secretsmanager_secret_version" "media" {
  for_each = var.environments

  secret_id = "greenleaf/${each.key}/media"
  secret_string_wo = jsonencode({
    access_key_id     = cloudflare_account_token.media[each.key].id
    secret_access_key = sha256(cloudflare_account_token.media[each.key].value)
  })
  secret_string_wo_version = 1
}

# Settings and rules of the zone: one of each, for all environments.

locals {
  settings = {
    ssl              = "strict"
    min_tls_version  = "1.2"
    tls_1_3          = "on"
    always_use_https = "on"
    http3            = "on"
    brotli           = "on"
  }

  shops = [for hosts in values(var.environments) : hosts.shop]
  hosts = join(" ", [for host in local.shops : "\"${host}\""])
  # Never cached: the admin, carts, logins, and whoever carries a session.
  private = "(starts_with(http.request.uri.path, \"/app\") or starts_with(http.request.uri.path, \"/admin\") or starts_with(http.request.uri.path, \"/auth\") or starts_with(http.request.uri.path, \"/store/carts\") or starts_with(http.request.uri.path, \"/store/customers\") or http.cookie contains \"connect.sid\")"

  managed = var.paid_plan ? {
    managed = "efb7b8c949ac4650a09736fc376e9aee"
    owasp   = "4814384a9e5d4991b9815dcfc25d2f1f"
  } : { free = "77454fe2d30c4220b5701f6fdfb893ba" }
}

resource "cloudflare_zone_setting" "this" {
  for_each = local.settings

  zone_id    = var.zone.id
  setting_id = each.key
  value      = each.value
}

resource "cloudflare_tiered_cache" "this" {
  zone_id = var.zone.id
  value   = "on"
}

resource "cloudflare_zone_dnssec" "this" {
  zone_id = var.zone.id
  status  = "active"
}

resource "cloudflare_zone_subscription" "this" {
  count = var.paid_plan ? 1 : 0

  zone_id   = var.zone.id
  frequency = "monthly"
  rate_plan = { id = "pro" }
}

# Every rule has a `ref`: without one an edit of the list makes them all again.
resource "cloudflare_ruleset" "cache" {
  zone_id = var.zone.id
  name    = "greenleaf: what is cached"
  kind    = "zone"
  phase   = "http_request_cache_settings"
  rules = [
    {
      ref               = "private"
      description       = "Sessions, carts and the admin are never cached"
      expression        = "http.host in {${local.hosts}} and ${local.private}"
      action            = "set_cache_settings"
      action_parameters = { cache = false }
    },
    {
      ref         = "static"
      description = "Files with a hash in their name, and pictures"
      expression  = "(http.host in {${local.hosts}} and starts_with(http.request.uri.path, \"/_next/static/\")) or http.host in {${join(" ", [for hosts in values(var.environments) : "\"${hosts.media}\""])}}"
      action      = "set_cache_settings"
      action_parameters = {
        cache       = true
        edge_ttl    = { mode = "override_origin", default = 2592000 }
        browser_ttl = { mode = "respect_origin" }
      }
    },
  ]
}

resource "cloudflare_ruleset" "firewall" {
  zone_id = var.zone.id
  name    = "greenleaf: managed firewall"
  kind    = "zone"
  phase   = "http_request_firewall_managed"
  rules = [
    for name, id in local.managed : {
      ref               = name
      description       = "Cloudflare's rules: ${name}"
      expression        = "true"
      action            = "execute"
      action_parameters = { id = id }
    }
  ]
}

resource "cloudflare_ruleset" "limits" {
  zone_id = var.zone.id
  name    = "greenleaf: rate limits"
  kind    = "zone"
  phase   = "http_ratelimit"
  rules = [
    {
      ref         = "login"
      description = "Ten logins a minute from one address"
      expression  = "http.host in {${local.hosts}} and starts_with(http.request.uri.path, \"/auth/\") and http.request.method eq \"POST\""
      action      = "block"
      ratelimit = {
        characteristics     = ["cf.colo.id", "ip.src"]
        period              = 60
        requests_per_period = 10
        mitigation_timeout  = 600
      }
    },
  ]
}

# What the load balancers ask for: any other zone of Cloudflare's lacks it.
resource "cloudflare_ruleset" "origin" {
  zone_id = var.zone.id
  name    = "greenleaf: the header the origin knows us by"
  kind    = "zone"
  phase   = "http_request_late_transform"
  rules = [
    for environment, hosts in var.environments : {
      ref         = "origin-${environment}"
      description = "Header for ${environment}"
      expression  = "http.host eq \"${hosts.shop}\""
      action      = "rewrite"
      action_parameters = {
        headers = { "X-GreenLeaf-Origin" = { operation = "set", value = data.aws_ssm_parameter.origin_header[environment].value } }
      }
    }
  ]
}

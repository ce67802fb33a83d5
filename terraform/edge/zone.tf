# Settings and rules of the zone: one of each, for all environments.

locals {
  settings = {
    ssl              = "strict"
    min_tls_version  = "1.2"
    tls_1_3          = "on"
    always_use_https = "on"
    http3            = "on"
  }

  shops = [for hosts in values(var.environments) : hosts.shop]
  hosts = join(" ", [for host in local.shops : "\"${host}\""])
  # Express takes a path in any case of letters, and so do these rules; it ends a path where it ends.
  path = "lower(http.request.uri.path)"
  # Never cached: the admin, carts, logins, and whoever carries a session.
  private = "(${join(" or ", [for start in ["/app", "/admin", "/auth", "/store/carts", "/store/customers"] : "starts_with(${local.path}, \"${start}\")"])} or http.cookie contains \"connect.sid\")"

  managed = var.paid_plan ? {
    managed = "efb7b8c949ac4650a09736fc376e9aee"
    owasp   = "4814384a9e5d4991b9815dcfc25d2f1f"
  } : { free = "77454fe2d30c4220b5701f6fdfb893ba" }

  # What the plan lets a rate limit read and do: Pro knows host and path, up to an hour; Free knows the path, and ten
  # seconds. Neither knows the method, so only the addresses that passwords are sent to are counted.
  logins = "starts_with(${local.path}, \"/auth/\") and ${local.path} contains \"emailpass\""
  limit = var.paid_plan ? {
    expression = "http.host in {${local.hosts}} and ${local.logins}"
    requests   = 10
    period     = 60
    timeout    = 600
  } : { expression = local.logins, requests = 5, period = 10, timeout = 10 }

  # An origin that speaks HTTP only (listener_mode = "http80") is spoken to so; the zone's own setting stays strict.
  clear = [for name, hosts in var.environments : hosts.shop if try(local.origins[name].scheme, "https") == "http"]
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

resource "cloudflare_ruleset" "clear" {
  count = length(local.clear) > 0 ? 1 : 0

  zone_id = var.zone.id
  name    = "greenleaf: origins without TLS"
  kind    = "zone"
  phase   = "http_config_settings"
  rules = [
    for host in local.clear : {
      ref               = "clear-${host}"
      description       = "Clear text to the origin of ${host}"
      expression        = "http.host eq \"${host}\""
      action            = "set_config"
      action_parameters = { ssl = "flexible" }
    }
  ]
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

  # The bought plan's rules; on the plan before it they are refused.
  depends_on = [cloudflare_zone_subscription.this]
}

resource "cloudflare_ruleset" "limits" {
  zone_id = var.zone.id
  name    = "greenleaf: rate limits"
  kind    = "zone"
  phase   = "http_ratelimit"
  rules = [
    {
      ref         = "login"
      description = "${local.limit.requests} logins in ${local.limit.period} seconds from one address"
      expression  = local.limit.expression
      action      = "block"
      ratelimit = {
        characteristics     = ["cf.colo.id", "ip.src"]
        period              = local.limit.period
        requests_per_period = local.limit.requests
        mitigation_timeout  = local.limit.timeout
      }
    },
  ]

  depends_on = [cloudflare_zone_subscription.this]
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

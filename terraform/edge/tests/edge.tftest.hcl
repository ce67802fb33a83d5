# The edge on mocks of both providers: terraform test -var-file=edge.tfvars
mock_provider "cloudflare" {
  mock_resource "cloudflare_account_token" {
    defaults = { id = "11111111111111111111111111111111", value = "token" }
  }
}

mock_provider "aws" {
  mock_data "aws_ssm_parameter" {
    defaults = {
      value = "{\"origin\":\"origin.eu-west-3.elb.amazonaws.com\",\"listener\":\"arn:aws:elasticloadbalancing:eu-west-3:123456789012:listener/app/mocked/0123456789abcdef/0123456789abcdef\",\"certificate\":\"arn:aws:acm:eu-west-3:123456789012:certificate/11111111-2222-3333-4444-555555555555\",\"proof\":{\"name\":\"_proof.greenleaf.com.\",\"type\":\"CNAME\",\"value\":\"_proof.acm-validations.aws.\"}}"
    }
  }
}

variables {
  environments = {
    prod    = { shop = "greenleaf.com", media = "media.greenleaf.com" }
    preprod = { shop = "preprod.greenleaf.com", media = "media-preprod.greenleaf.com" }
    dev     = { shop = "dev.greenleaf.com", media = "media-dev.greenleaf.com" }
  }
}

run "names" {
  command = apply

  assert {
    condition     = alltrue([for record in cloudflare_dns_record.shop : record.proxied && record.content == "origin.eu-west-3.elb.amazonaws.com"])
    error_message = "Every shop is a proxied name of its load balancer."
  }

  assert {
    condition     = alltrue([for record in cloudflare_dns_record.proof : !record.proxied && !endswith(record.name, ".")])
    error_message = "A proof must be seen by AWS itself."
  }

  assert {
    condition     = length(aws_lb_listener_certificate.this) == 3
    error_message = "Every TLS listener gets its public certificate."
  }
}

run "buckets" {
  command = apply

  assert {
    condition     = length(cloudflare_r2_bucket.this) == 6 && alltrue([for bucket in cloudflare_r2_bucket.this : bucket.location == "weur"])
    error_message = "A public and a private bucket for each environment, in Europe."
  }

  assert {
    condition     = length(cloudflare_r2_managed_domain.closed) == 6 && alltrue([for domain in cloudflare_r2_managed_domain.closed : !domain.enabled])
    error_message = "No bucket answers under Cloudflare's own domain."
  }

  assert {
    condition = alltrue([
      for name, cors in cloudflare_r2_bucket_cors.private :
      cors.bucket_name == "greenleaf-${name}-private" && length(cors.rules) == 1 && contains(cors.rules[0].allowed.methods, "PUT") &&
      cors.rules[0].allowed.origins == tolist(["https://${var.environments[name].shop}"])
    ])
    error_message = "Only the admin's own pages read and write its tables."
  }

  assert {
    condition     = alltrue([for name, domain in cloudflare_r2_custom_domain.media : domain.bucket_name == "greenleaf-${name}-media" && domain.min_tls == "1.2"])
    error_message = "Only the media bucket has a name, with TLS 1.2 at least."
  }

  assert {
    condition = alltrue([
      for name, token in cloudflare_account_token.media : alltrue([
        for policy in token.policies : toset(keys(jsondecode(policy.resources))) == toset([
          for kind in ["media", "private"] : "com.cloudflare.edge.r2.bucket.${var.zone.account_id}_default_greenleaf-${name}-${kind}"
        ])
      ])
    ])
    error_message = "A token writes the two buckets of its environment and nothing else."
  }

  assert {
    condition     = alltrue([for name, secret in aws_secretsmanager_secret_version.media : secret.secret_id == "greenleaf/${name}/media"])
    error_message = "Each environment's keys are in its own secret."
  }
}

run "zone" {
  command = apply

  assert {
    condition     = cloudflare_zone_setting.this["ssl"].value == "strict" && cloudflare_zone_setting.this["min_tls_version"].value == "1.2" && cloudflare_tiered_cache.this.value == "on"
    error_message = "TLS is strict from end to end, and the cache is tiered."
  }

  assert {
    condition = length(distinct([
      cloudflare_ruleset.cache.phase, cloudflare_ruleset.firewall.phase, cloudflare_ruleset.limits.phase, cloudflare_ruleset.origin.phase,
    ])) == 4
    error_message = "A zone has one rule set per phase."
  }

  assert {
    condition     = cloudflare_ruleset.cache.rules[0].action_parameters.cache == false && cloudflare_ruleset.cache.rules[1].action_parameters.edge_ttl.mode == "override_origin"
    error_message = "Sessions are never cached, files with a hash always."
  }

  assert {
    condition     = alltrue([for rule in concat(cloudflare_ruleset.cache.rules, cloudflare_ruleset.firewall.rules, cloudflare_ruleset.limits.rules, cloudflare_ruleset.origin.rules) : rule.ref != null])
    error_message = "Every rule has a ref."
  }

  assert {
    condition     = length(cloudflare_ruleset.origin.rules) == 3 && alltrue([for rule in cloudflare_ruleset.origin.rules : contains(keys(rule.action_parameters.headers), "X-GreenLeaf-Origin")])
    error_message = "Every environment's origin knows the zone by its header."
  }
}

# A path is compared in small letters, or a capital one goes round the rule; `lower` is for every plan.
run "letters" {
  command = apply

  assert {
    condition     = alltrue([for start in ["/app", "/admin", "/auth", "/store/carts", "/store/customers"] : strcontains(cloudflare_ruleset.cache.rules[0].expression, "starts_with(lower(http.request.uri.path), \"${start}\")")])
    error_message = "Sessions, carts, customers and the admin are not cached, in any case of letters."
  }

  assert {
    condition     = !strcontains(replace(join(" ", [for rule in concat(cloudflare_ruleset.cache.rules, cloudflare_ruleset.limits.rules) : rule.expression if rule.ref != "static"]), "lower(http.request.uri.path)", ""), "http.request.uri.path")
    error_message = "No rule reads a path as it was written."
  }
}

# What Cloudflare refuses by plan (its table of rate limiting rules): fields, period, time-out.
run "pro_plan" {
  command = apply

  assert {
    condition     = alltrue([for field in ["http.request.method", "ip.src", "http.user_agent", "http.cookie", "http.request.headers", "matches"] : !strcontains(cloudflare_ruleset.limits.rules[0].expression, field)])
    error_message = "Pro's rate limits read host, path and query only."
  }

  assert {
    condition     = length(cloudflare_ruleset.limits.rules) <= 2 && contains([10, 60], cloudflare_ruleset.limits.rules[0].ratelimit.period) && cloudflare_ruleset.limits.rules[0].ratelimit.mitigation_timeout <= 3600
    error_message = "Pro has two rate limits, of a minute and an hour at most."
  }

  assert {
    condition     = !contains(keys(cloudflare_zone_setting.this), "brotli")
    error_message = "Cloudflare has withdrawn the setting."
  }
}

run "http80" {
  command = apply

  override_data {
    target = data.aws_ssm_parameter.origin["dev"]
    values = {
      value = "{\"origin\":\"origin.eu-west-3.elb.amazonaws.com\",\"listener\":\"none\",\"scheme\":\"http\",\"certificate\":\"arn:aws:acm:eu-west-3:123456789012:certificate/11111111-2222-3333-4444-555555555555\",\"proof\":{\"name\":\"_proof.greenleaf.com.\",\"type\":\"CNAME\",\"value\":\"_proof.acm-validations.aws.\"}}"
    }
  }

  assert {
    condition     = one(cloudflare_ruleset.clear[0].rules).expression == "http.host eq \"dev.greenleaf.com\"" && one(cloudflare_ruleset.clear[0].rules).action_parameters.ssl == "flexible" && cloudflare_zone_setting.this["ssl"].value == "strict"
    error_message = "An origin without TLS is spoken to without, and no other is."
  }

  assert {
    condition     = length(aws_lb_listener_certificate.this) == 2
    error_message = "Where nothing listens with TLS, no certificate is hung."
  }
}

run "free_plan" {
  command = apply

  variables {
    paid_plan = false
  }

  assert {
    condition     = length(cloudflare_zone_subscription.this) == 0 && one(cloudflare_ruleset.firewall.rules).ref == "free"
    error_message = "Without a paid plan the free managed rules run."
  }

  assert {
    condition     = !strcontains(cloudflare_ruleset.limits.rules[0].expression, "http.host") && cloudflare_ruleset.limits.rules[0].ratelimit.period == 10 && cloudflare_ruleset.limits.rules[0].ratelimit.mitigation_timeout == 10 && length(cloudflare_ruleset.limits.rules) == 1
    error_message = "Free has one rate limit, which reads the path, of ten seconds."
  }
}

run "foreign_host" {
  command = plan

  variables {
    environments = { prod = { shop = "shop.example.org", media = "media.greenleaf.com" } }
  }

  expect_failures = [var.environments]
}

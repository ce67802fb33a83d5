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

run "free_plan" {
  command = apply

  variables {
    paid_plan = false
  }

  assert {
    condition     = length(cloudflare_zone_subscription.this) == 0 && one(cloudflare_ruleset.firewall.rules).ref == "free"
    error_message = "Without a paid plan the free managed rules run."
  }
}

run "foreign_host" {
  command = plan

  variables {
    environments = { prod = { shop = "shop.example.org", media = "media.greenleaf.com" } }
  }

  expect_failures = [var.environments]
}

locals {
  scheduled = var.schedule != null
  # prod and preprod keep what they hold; dev may be thrown away.
  protected = var.database.protected
  app_port  = 8080
  ports     = { database = 5432, cache = 6379 }

  # The node document without its role (node-agent/src/core/config/node-document.ts).
  node = {
    version     = 1
    project     = "greenleaf"
    environment = var.environment
    parameters  = local.tree
    release     = "ssm:${local.tree}/release"
    region      = var.region
  }
}

# AWS offers no way to keep a header's value out of a listener rule, so it is in the state, marked sensitive.
data "aws_ssm_parameter" "origin_header" {
  count = local.offline ? 0 : 1

  name            = "/greenleaf-edge/${var.environment}/origin-header"
  with_decryption = true
}

# An image named by id must exist, and the message must say which variable named it. No name, no question; here rather
# than in a module, where a dependency could put the question off until the apply.
data "aws_ami_ids" "named" {
  for_each = { for role, id in var.ami : role => id if id != null }

  owners = ["self", "amazon"]

  filter {
    name   = "image-id"
    values = [each.value]
  }

  lifecycle {
    postcondition {
      condition     = length(self.ids) == 1
      error_message = "variable ami.${each.key}: there is no image ${each.value} in ${var.region}. Publish one with packer, or remove ami from the tfvars to use the published or the stock image."
    }
  }
}

# Opened for the moment of an apply only; bootstrap made its value.
ephemeral "aws_secretsmanager_secret_version" "database" {
  provider = aws.secrets
  count    = local.offline ? 0 : 1

  secret_id = "greenleaf/${var.environment}/db"
}

module "secrets" {
  source = "./modules/secrets"

  name    = local.name
  region  = var.region
  account = local.account
  tree    = local.tree
  parameters = merge({
    "db/host"              = module.data.database.host
    "db/port"              = tostring(local.ports.database)
    "db/name"              = "medusa"
    "redis/host"           = module.data.cache_host
    "redis/port"           = tostring(local.ports.cache)
    "media/endpoint"       = "https://${var.r2_account_id}.r2.cloudflarestorage.com"
    "media/region"         = "auto"
    "media/bucket"         = "${local.name}-media"
    "media/private_bucket" = "${local.name}-private"
    "media/url"            = "https://${var.hosts.media}"
    "media/source"         = "cloud"
    "backend/cors"         = "https://${var.hosts.shop}"
    "shop/title"           = var.shop.title
    "shop/currency"        = var.shop.currency
    "shop/countries"       = join(",", var.shop.countries)
    "shop/country"         = var.shop.country
    "shop/tax_rate"        = tostring(var.shop.tax_rate)
    "shop/url"             = "https://${var.hosts.shop}"
    }, var.shop.theme == "" ? {} : {
    # A file of variables has lines, a value of one has none.
    "shop/theme" = trimspace(replace(var.shop.theme, "/\\s+/", " "))
  })
}

module "observability" {
  source = "./modules/observability"

  name        = local.name
  environment = var.environment
  region      = var.region
  account     = local.account
  kms_key_arn = module.secrets.kms_key_arn
  alert_email = var.alert_email
  budget_usd  = var.budget_usd
  log_days    = var.log_days
  protected   = local.protected

  anomaly_monitor_arn = var.anomaly_monitor_arn
}

# An account has one such monitor, and AWS makes it itself; what an earlier version made stays where it is.
removed {
  from = module.observability.aws_ce_anomaly_monitor.this

  lifecycle {
    destroy = false
  }
}

removed {
  from = module.observability.aws_ce_anomaly_subscription.this

  lifecycle {
    destroy = false
  }
}

module "network" {
  source = "./modules/network"

  name                      = local.name
  region                    = var.region
  cidr                      = var.cidr
  azs                       = var.azs
  listener_mode             = var.listener_mode
  app_port                  = local.app_port
  data_ports                = local.ports
  bastion                   = var.bastion
  mail_port                 = var.mail_port
  cloudflare_prefix_list_id = module.balancer.prefix_list_id
  flow_log_group_arn        = module.observability.log_groups["rejected-packets"].arn
  flow_log_role_arn         = module.observability.roles.flow_log
}

module "access" {
  source = "./modules/access"

  name              = local.name
  environment       = var.environment
  region            = var.region
  account           = local.account
  router_azs        = coalesce(var.router_azs, var.azs)
  tree              = local.tree
  secrets           = ["db", "redis", "backend", "media", "admin"]
  artifact_bucket   = var.artifact_bucket
  kms_key_arn       = module.secrets.kms_key_arn
  session_log_group = module.observability.log_groups["sessions"]
}

module "router" {
  source = "./modules/router"

  name             = "${local.name}-router"
  azs              = var.azs
  router_azs       = coalesce(var.router_azs, var.azs)
  vpc_range        = var.cidr
  public_subnets   = module.network.subnets.public
  public_ranges    = module.network.ranges.public
  app_ranges       = module.network.ranges.app
  app_route_tables = module.network.app_route_tables
  security_group   = module.network.groups.router
  instance_type    = var.router_type
  ami              = local.ami.router
  profile          = module.access.profiles.router
  node             = local.node
  artifact_bucket  = var.artifact_bucket
  public_key       = var.release_public_key
  scheduled        = local.scheduled
  kms_key_arn      = module.secrets.kms_key_arn
  alarm_topic      = module.observability.alarm_topic
  tags             = local.node_tags.router
}

module "data" {
  source = "./modules/data"

  name                = local.name
  parked              = var.parked
  database            = var.database
  cache               = var.cache
  ports               = local.ports
  master_password     = local.offline ? "review-only" : jsondecode(ephemeral.aws_secretsmanager_secret_version.database[0].secret_string).password
  cache_user_group    = local.name
  subnets             = values(module.network.subnets.data)
  security_groups     = { database = module.network.groups.database, cache = module.network.groups.cache }
  kms_key_arn         = module.secrets.kms_key_arn
  monitoring_role_arn = module.observability.roles.rds_monitoring
  alarm_topic         = module.observability.alarm_topic
  log_days            = var.log_days
}

module "balancer" {
  source = "./modules/balancer"

  name            = local.name
  parked          = var.parked
  listener_mode   = var.listener_mode
  vpc_id          = module.network.vpc_id
  subnets         = values(module.network.subnets.public)
  security_group  = module.network.groups.balancer
  app_port        = local.app_port
  host            = var.hosts.shop
  certificate_arn = local.certificate
  origin_header   = local.offline ? "review-only" : data.aws_ssm_parameter.origin_header[0].value
  protected       = local.protected && var.schedule == null
  log_bucket      = module.observability.log_bucket
  alarm_topic     = module.observability.alarm_topic
}

module "app" {
  source = "./modules/app"

  name            = "${local.name}-app"
  app             = var.app
  ami             = local.ami.app
  subnets         = values(module.network.subnets.app)
  security_group  = module.network.groups.app
  profile         = module.access.profiles.app
  target_group    = module.balancer.target_group_arn
  scheduled       = local.scheduled
  node            = local.node
  artifact_bucket = var.artifact_bucket
  public_key      = var.release_public_key
  alarm_topic     = module.observability.alarm_topic
  tags            = local.node_tags.app

  # A node's first packet needs a way out, and its first boot the addresses of database and cache: without them it would
  # be given up and launched again for as long as RDS takes.
  depends_on = [module.router, module.secrets]
}

module "schedules" {
  source = "./modules/schedules"

  name          = local.name
  region        = var.region
  account       = local.account
  schedule      = var.schedule
  parked        = var.parked
  app_group     = module.app.group
  app_size      = { min = var.app.min, max = var.app.max }
  router_groups = module.router.groups
  database      = module.data.database.identifier
  kms_key_arn   = module.secrets.kms_key_arn
}

# How edge/ learns of this environment; it waits for nothing but these.
resource "aws_ssm_parameter" "edge" {
  name  = "/greenleaf-edge/${var.environment}/origin"
  type  = "String"
  value = jsonencode(module.balancer.edge)
}

# A destroy of what is protected ends here, before anything is touched; docs/runbook-fleet.md says how to mean it.
resource "terraform_data" "protected_see_runbook" {
  count = local.protected && !local.offline ? 1 : 0

  # A targeted destroy takes first what depends on its target: so it ends here as well, and not after the nodes are gone.
  depends_on = [module.secrets, module.network, module.data, module.balancer]

  lifecycle {
    prevent_destroy = true
  }
}

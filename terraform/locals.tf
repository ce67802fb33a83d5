locals {
  offline = var.account_id == null
  account = local.offline ? "000000000000" : var.account_id
  name    = "greenleaf-${var.environment}"
  # Where nodes find parameters and secrets (docs/configuration.md).
  tree = "/greenleaf/${var.environment}"

  # Read from the other environments' files, so that no range is written down twice.
  cidrs = {
    for name in ["prod", "preprod", "dev"] :
    name => regex("(?m)^cidr\\s*=\\s*\"([^\"]+)\"", file("${path.module}/envs/${name}.tfvars"))[0]
  }

  tags = {
    Project     = "greenleaf"
    Environment = var.environment
    Owner       = "platform"
    ManagedBy   = "terraform"
    CostCenter  = "shop-${var.environment}"
  }

  # Instances and volumes of a group do not inherit the provider's default tags.
  node_tags = { for role in ["app", "router"] : role => merge(local.tags, { Name = "${local.name}-${role}", Role = role }) }

  # Stock image: Amazon keeps this parameter on the newest Amazon Linux 2023.
  stock_ami = "resolve:ssm:/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-6.12-x86_64"
  ami = {
    for role in ["app", "router"] : role => coalesce(
      var.ami[role],
      contains(lookup(var.golden_amis, var.environment, []), role) ? "resolve:ssm:${local.tree}/ami/${role}" : local.stock_ami,
    )
  }

  certificate = lookup(
    var.origin_certificate_arns, var.environment,
    "arn:aws:acm:${var.region}:${local.account}:certificate/00000000-0000-0000-0000-000000000000",
  )
}

# Every packet the fleet may send, one rule each; tests/terraform/reachability.test.ts compares this with the guide's flow.

locals {
  groups = {
    balancer = "Load balancer: Cloudflare in, app nodes out"
    app      = "App nodes: load balancer in, data and routers out"
    router   = "Routers: app nodes and the other router in, internet out"
    database = "PostgreSQL: app nodes in, nothing out"
    cache    = "Valkey: app nodes in, nothing out"
  }

  balancer_ports = var.listener_mode == "https" ? { https = 443, redirect = 80 } : { http = 80 }
  # What nodes need outside: HTTPS for AWS, registries and payment, HTTP for signed distribution packages, and where the
  # shop writes letters its mail server.
  internet_ports = merge({ https = 443, http = 80 }, var.mail_port == 0 ? {} : { mail = var.mail_port })
  # Between the routers (node-agent/src/core/router/nat/config.ts).
  pair_ports = {
    heartbeat = { protocol = "udp", port = 7946 }
    tunnel    = { protocol = "udp", port = 4789 }
    state     = { protocol = "tcp", port = 7947 }
  }
}

resource "aws_security_group" "this" {
  for_each = local.groups

  name        = "${var.name}-${each.key}"
  description = each.value
  vpc_id      = aws_vpc.this.id
  tags        = { Name = "${var.name}-${each.key}" }
}

resource "aws_vpc_security_group_ingress_rule" "cloudflare" {
  for_each = local.balancer_ports

  security_group_id = aws_security_group.this["balancer"].id
  description       = "Cloudflare to the load balancer (${each.key})"
  prefix_list_id    = var.cloudflare_prefix_list_id
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "balancer_to_app" {
  security_group_id            = aws_security_group.this["balancer"].id
  description                  = "Load balancer to Caddy"
  referenced_security_group_id = aws_security_group.this["app"].id
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
}

resource "aws_vpc_security_group_ingress_rule" "app_from_balancer" {
  security_group_id            = aws_security_group.this["app"].id
  description                  = "Load balancer to Caddy"
  referenced_security_group_id = aws_security_group.this["balancer"].id
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
}

resource "aws_vpc_security_group_egress_rule" "app_to_internet" {
  for_each = local.internet_ports

  security_group_id = aws_security_group.this["app"].id
  description       = "App nodes to the internet, through a router (${each.key})"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_egress_rule" "app_to_data" {
  for_each = var.data_ports

  security_group_id            = aws_security_group.this["app"].id
  description                  = "App nodes to the ${each.key}"
  referenced_security_group_id = aws_security_group.this[each.key].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_ingress_rule" "data_from_app" {
  for_each = var.data_ports

  security_group_id            = aws_security_group.this[each.key].id
  description                  = "App nodes to the ${each.key}"
  referenced_security_group_id = aws_security_group.this["app"].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_ingress_rule" "router_from_app" {
  for_each = local.internet_ports

  security_group_id            = aws_security_group.this["router"].id
  description                  = "App nodes to the internet (${each.key})"
  referenced_security_group_id = aws_security_group.this["app"].id
  ip_protocol                  = "tcp"
  from_port                    = each.value
  to_port                      = each.value
}

resource "aws_vpc_security_group_egress_rule" "router_to_internet" {
  for_each = local.internet_ports

  security_group_id = aws_security_group.this["router"].id
  description       = "Translated packets and calls of the router (${each.key})"
  cidr_ipv4         = "0.0.0.0/0"
  ip_protocol       = "tcp"
  from_port         = each.value
  to_port           = each.value
}

resource "aws_vpc_security_group_ingress_rule" "router_pair" {
  for_each = local.pair_ports

  security_group_id            = aws_security_group.this["router"].id
  description                  = "Router to router (${each.key})"
  referenced_security_group_id = aws_security_group.this["router"].id
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "router_pair" {
  for_each = local.pair_ports

  security_group_id            = aws_security_group.this["router"].id
  description                  = "Router to router (${each.key})"
  referenced_security_group_id = aws_security_group.this["router"].id
  ip_protocol                  = each.value.protocol
  from_port                    = each.value.port
  to_port                      = each.value.port
}

resource "aws_vpc_security_group_egress_rule" "bastion" {
  count = var.bastion ? 1 : 0

  security_group_id            = aws_security_group.this["router"].id
  description                  = "Port forwarding by Session Manager"
  referenced_security_group_id = aws_security_group.this["app"].id
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
}

resource "aws_vpc_security_group_ingress_rule" "bastion" {
  count = var.bastion ? 1 : 0

  security_group_id            = aws_security_group.this["app"].id
  description                  = "Port forwarding by Session Manager through a router"
  referenced_security_group_id = aws_security_group.this["router"].id
  ip_protocol                  = "tcp"
  from_port                    = var.app_port
  to_port                      = var.app_port
}

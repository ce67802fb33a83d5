locals {
  zones = sort(var.router_azs)
  # Which router a zone leaves by.
  exit = { for az in var.azs : az => contains(local.zones, az) ? az : local.zones[0] }

  # The fixed interface's address, and the one that carries the other zone's public address during a failover.
  address = { for az in local.zones : az => cidrhost(var.public_ranges[az], 10) }
  standby = { for az in local.zones : az => cidrhost(var.public_ranges[az], 11) }

  # What a router is told of a zone (node-agent/src/core/router/document.ts).
  zone = {
    for az in local.zones : az => {
      name       = az
      sources    = [for zone in sort(var.azs) : var.app_ranges[zone] if local.exit[zone] == az]
      interface  = aws_network_interface.this[az].id
      mac        = aws_network_interface.this[az].mac_address
      address    = "${local.address[az]}/${split("/", var.public_ranges[az])[1]}"
      standby    = local.standby[az]
      allocation = aws_eip.this[az].id
      routeTable = var.app_route_tables[az]
    }
  }
}

# Packets of the zone go to this interface, whichever instance carries it; so the check is off here and nowhere else.
resource "aws_network_interface" "this" {
  for_each = var.router_azs

  subnet_id         = var.public_subnets[each.key]
  description       = "${var.name} ${each.key}: fixed interface of the router"
  private_ips       = [local.address[each.key]]
  security_groups   = [var.security_group]
  source_dest_check = false
  tags              = { Name = "${var.name}-${each.key}", Role = "router", Zone = each.key }

  lifecycle {
    # A router attaches it, and adds the stand-by address during a failover.
    ignore_changes = [attachment, private_ips, private_ips_count]
  }
}

resource "aws_eip" "this" {
  for_each = var.router_azs

  domain = "vpc"
  tags   = { Name = "${var.name}-${each.key}", Role = "router", Zone = each.key }
}

resource "aws_eip_association" "this" {
  for_each = var.router_azs

  allocation_id        = aws_eip.this[each.key].id
  network_interface_id = aws_network_interface.this[each.key].id
  private_ip_address   = local.address[each.key]

  lifecycle {
    # During a failover it is at the other router.
    ignore_changes = [network_interface_id, private_ip_address]
  }
}

resource "aws_route" "default" {
  for_each = var.azs

  route_table_id         = var.app_route_tables[each.key]
  destination_cidr_block = "0.0.0.0/0"
  network_interface_id   = aws_network_interface.this[local.exit[each.key]].id

  lifecycle {
    # During a failover it names the other router's interface.
    ignore_changes = [network_interface_id]
  }
}

# Who may route a zone for the next seconds: a conditional write decides.
resource "aws_dynamodb_table" "lease" {
  name         = "${var.name}-lease"
  billing_mode = "PAY_PER_REQUEST"
  hash_key     = "zone"
  tags         = { Name = "${var.name}-lease" }

  attribute {
    name = "zone"
    type = "S"
  }

  server_side_encryption {
    enabled     = true
    kms_key_arn = var.kms_key_arn
  }

  point_in_time_recovery {
    enabled = true
  }
}

module "template" {
  source   = "../compute"
  for_each = var.router_azs

  name           = "${var.name}-${each.key}"
  ami            = var.ami
  instance_type  = var.instance_type
  credits        = "standard"
  volume_gb      = 8
  security_group = var.security_group
  # For its calls before the fixed interface is attached, and for what a stock image installs.
  public_address  = true
  profile         = var.profile
  artifact_bucket = var.artifact_bucket
  public_key      = var.public_key
  tags            = merge(var.tags, { Zone = each.key })

  node = merge(var.node, {
    role = "router"
    router = {
      vpc = [var.vpc_range]
      # Its own zone first, then the one it stands by for.
      zones  = concat([local.zone[each.key]], [for az in local.zones : local.zone[az] if az != each.key])
      lease  = "dynamodb:${aws_dynamodb_table.lease.name}"
      probes = var.probes
    }
  })
}

module "group" {
  source   = "../group"
  for_each = var.router_azs

  name          = "${var.name}-${each.key}"
  subnets       = [var.public_subnets[each.key]]
  template      = module.template[each.key].template
  size          = { min = 1, max = 1 }
  scheduled     = var.scheduled
  load_balanced = false
  replace_first = true
  rollback      = false
  drain_seconds = 60
  tags          = merge(var.tags, { Zone = each.key })
}

resource "aws_cloudwatch_metric_alarm" "credits" {
  for_each = var.router_azs

  alarm_name          = "${var.name}-${each.key}-credits"
  alarm_description   = "The router in ${each.key} has used up its CPU credits and forwards at 32 Mbit/s: choose a larger router_type."
  namespace           = "AWS/EC2"
  metric_name         = "CPUCreditBalance"
  dimensions          = { AutoScalingGroupName = module.group[each.key].name }
  statistic           = "Minimum"
  comparison_operator = "LessThanThreshold"
  threshold           = 5
  period              = 300
  evaluation_periods  = 3
  treat_missing_data  = "notBreaching"
  alarm_actions       = [var.alarm_topic]
  ok_actions          = [var.alarm_topic]
}

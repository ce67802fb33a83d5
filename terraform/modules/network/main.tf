# Subnet numbers come from the zone's letter, so that taking a zone away moves nothing else.
locals {
  number = { for az in var.azs : az => index(["a", "b", "c"], substr(az, -1, 1)) }
}

resource "aws_vpc" "this" {
  cidr_block           = var.cidr
  enable_dns_support   = true
  enable_dns_hostnames = true
  tags                 = { Name = var.name }
}

# The VPC's own group and table stay empty: nothing may land in them by accident.
resource "aws_default_security_group" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-default-unused" }
}

resource "aws_default_route_table" "this" {
  default_route_table_id = aws_vpc.this.default_route_table_id
  route                  = []
  tags                   = { Name = "${var.name}-default-unused" }
}

resource "aws_internet_gateway" "this" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = var.name }
}

resource "aws_subnet" "public" {
  for_each = var.azs

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 8, local.number[each.key])
  map_public_ip_on_launch = false
  tags                    = { Name = "${var.name}-public-${each.key}", Tier = "public" }
}

# A router's fixed address and the one it lends the other zone: no balancer and no node is given them by chance.
resource "aws_ec2_subnet_cidr_reservation" "router" {
  for_each = var.azs

  subnet_id        = aws_subnet.public[each.key].id
  cidr_block       = "${cidrhost(aws_subnet.public[each.key].cidr_block, 10)}/31"
  reservation_type = "explicit"
  description      = "routers: fixed and stand-by address"
}

resource "aws_subnet" "app" {
  for_each = var.azs

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 4, 1 + local.number[each.key])
  map_public_ip_on_launch = false
  tags                    = { Name = "${var.name}-app-${each.key}", Tier = "app" }
}

resource "aws_subnet" "data" {
  for_each = var.azs

  vpc_id                  = aws_vpc.this.id
  availability_zone       = each.key
  cidr_block              = cidrsubnet(var.cidr, 8, 8 + local.number[each.key])
  map_public_ip_on_launch = false
  tags                    = { Name = "${var.name}-data-${each.key}", Tier = "data" }
}

resource "aws_route_table" "public" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-public" }
}

resource "aws_route" "internet" {
  route_table_id         = aws_route_table.public.id
  destination_cidr_block = "0.0.0.0/0"
  gateway_id             = aws_internet_gateway.this.id
}

# One table per zone: its default route names the zone's router, and a failover replaces that one route.
resource "aws_route_table" "app" {
  for_each = var.azs

  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-app-${each.key}", Tier = "app", Zone = each.key }
}

# No default route: data has no way out.
resource "aws_route_table" "data" {
  vpc_id = aws_vpc.this.id
  tags   = { Name = "${var.name}-data" }
}

resource "aws_route_table_association" "public" {
  for_each = var.azs

  subnet_id      = aws_subnet.public[each.key].id
  route_table_id = aws_route_table.public.id
}

resource "aws_route_table_association" "app" {
  for_each = var.azs

  subnet_id      = aws_subnet.app[each.key].id
  route_table_id = aws_route_table.app[each.key].id
}

resource "aws_route_table_association" "data" {
  for_each = var.azs

  subnet_id      = aws_subnet.data[each.key].id
  route_table_id = aws_route_table.data.id
}

# Free, and keeps archives and image layers (ECR stores them in S3) off the routers' 32 Mbit/s.
resource "aws_vpc_endpoint" "s3" {
  vpc_id            = aws_vpc.this.id
  service_name      = "com.amazonaws.${var.region}.s3"
  vpc_endpoint_type = "Gateway"
  route_table_ids   = concat([aws_route_table.public.id], [for table in aws_route_table.app : table.id])
  tags              = { Name = "${var.name}-s3" }
}

resource "aws_flow_log" "rejected" {
  vpc_id                   = aws_vpc.this.id
  traffic_type             = "REJECT"
  log_destination          = var.flow_log_group_arn
  iam_role_arn             = var.flow_log_role_arn
  max_aggregation_interval = 600
  tags                     = { Name = "${var.name}-rejected" }
}

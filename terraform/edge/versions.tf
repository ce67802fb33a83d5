terraform {
  required_version = ">= 1.11, < 2.0"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = "= 5.100.0"
    }
    cloudflare = {
      source  = "cloudflare/cloudflare"
      version = "= 5.14.0"
    }
  }
}

provider "aws" {
  region = var.region

  default_tags {
    tags = { Project = "greenleaf", Environment = "edge", Owner = "platform", ManagedBy = "terraform", CostCenter = "shop-edge" }
  }
}

# Reads CLOUDFLARE_API_TOKEN.
provider "cloudflare" {}

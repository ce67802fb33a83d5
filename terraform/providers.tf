# Before bootstrap there is no account: the plan is then a review, made without credentials and without a network,
# and an apply of it is refused by AWS because its key does not exist.
provider "aws" {
  region              = var.region
  allowed_account_ids = local.offline ? null : [var.account_id]

  access_key                  = local.offline ? "offline" : null
  secret_key                  = local.offline ? "offline" : null
  skip_credentials_validation = local.offline
  skip_requesting_account_id  = local.offline
  skip_metadata_api_check     = local.offline
  skip_region_validation      = local.offline
  s3_use_path_style           = var.path_style

  default_tags {
    tags = local.tags
  }
}

# Only for the ephemeral secret: terraform's mocks know no ephemeral resources, so tests mock the other one.
provider "aws" {
  alias               = "secrets"
  region              = var.region
  allowed_account_ids = local.offline ? null : [var.account_id]

  access_key                  = local.offline ? "offline" : null
  secret_key                  = local.offline ? "offline" : null
  skip_credentials_validation = local.offline
  skip_requesting_account_id  = local.offline
  skip_metadata_api_check     = local.offline
  skip_region_validation      = local.offline
}

zone = {
  name       = "greenleaf.com"
  id         = "00000000000000000000000000000000"
  account_id = "00000000000000000000000000000000"
}

environments = {
  prod    = { shop = "greenleaf.com", media = "media.greenleaf.com" }
  preprod = { shop = "preprod.greenleaf.com", media = "media-preprod.greenleaf.com" }
  dev     = { shop = "dev.greenleaf.com", media = "media-dev.greenleaf.com" }
}

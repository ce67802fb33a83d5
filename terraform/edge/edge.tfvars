zone = {
  name       = "greenleaf.com"
  id         = "00000000000000000000000000000000"
  account_id = "00000000000000000000000000000000"
}

# Those that terraform/ has made; the others follow it (preprod.greenleaf.com, media-preprod.greenleaf.com, and so on).
environments = {
  prod = { shop = "greenleaf.com", media = "media.greenleaf.com" }
}

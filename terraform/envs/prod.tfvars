environment   = "prod"
cidr          = "10.10.0.0/16"
hosts         = { shop = "greenleaf.com", media = "media.greenleaf.com" }
r2_account_id = "00000000000000000000000000000000"
alert_email   = "ops@greenleaf.com"
budget_usd    = 300

app      = { instance_type = "t3.medium", min = 2, max = 6 }
database = { instance_class = "db.t4g.small", multi_az = true }

environment   = "preprod"
cidr          = "10.20.0.0/16"
hosts         = { shop = "preprod.greenleaf.com", media = "media-preprod.greenleaf.com" }
r2_account_id = "00000000000000000000000000000000"
alert_email   = "ops@greenleaf.com"
budget_usd    = 150

app      = { instance_type = "t3.medium", min = 2, max = 6 }
database = { instance_class = "db.t4g.small", multi_az = true }

# `days = "*"` also wakes it on Saturday and Sunday, as the guide says; ./greenleaf cost shows both.
schedule = { stop = "19:00", start = "09:00", days = "MON-FRI" }

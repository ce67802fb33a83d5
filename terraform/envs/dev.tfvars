environment   = "dev"
cidr          = "10.30.0.0/16"
hosts         = { shop = "dev.greenleaf.com", media = "media-dev.greenleaf.com" }
r2_account_id = "00000000000000000000000000000000"
alert_email   = "ops@greenleaf.com"
budget_usd    = 100
log_days      = 7

app      = { instance_type = "t3.medium", min = 1, max = 3, spot = true, credits = "standard" }
database = { instance_class = "db.t4g.micro", multi_az = false, backup_days = 1, protected = false }
cache    = { nodes = 1 }

# One router: with 2 + 2 + 1 Elastic IPs the platform stays within AWS's quota of five.
router_azs = ["eu-west-3a"]

schedule = { stop = "19:00", start = "09:00", days = "MON-FRI" }

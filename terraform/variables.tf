variable "environment" {
  description = "Which environment this is; its workspace is `default` for prod, else its own name."
  type        = string
  nullable    = false

  validation {
    condition     = contains(["prod", "preprod", "dev"], var.environment)
    error_message = "variable environment: use prod, preprod or dev."
  }

  # Evaluated on destroy as well, where a resource's precondition is not.
  validation {
    condition     = var.environment == (terraform.workspace == "default" ? "prod" : terraform.workspace)
    error_message = "variable environment: envs/${var.environment}.tfvars does not belong to workspace ${terraform.workspace}. Run: terraform workspace select ${var.environment == "prod" ? "default" : var.environment}"
  }
}

variable "region" {
  description = "AWS region."
  type        = string
  default     = "eu-west-3"
  nullable    = false

  validation {
    condition     = can(regex("^[a-z]{2}-[a-z]+-[1-9]$", var.region))
    error_message = "variable region: use a name such as eu-west-3."
  }
}

variable "azs" {
  description = "Availability zones; a zone's subnets keep their numbers when another zone goes."
  type        = set(string)
  default     = ["eu-west-3a", "eu-west-3b"]
  nullable    = false

  validation {
    condition     = length(var.azs) == 2
    error_message = "variable azs: name exactly two zones; with one a failing zone takes the shop with it, and a router has only one stand-by."
  }

  validation {
    condition     = alltrue([for az in var.azs : startswith(az, var.region) && can(regex("[abc]$", az))])
    error_message = "variable azs: use zones a, b or c of ${var.region}."
  }
}

variable "cidr" {
  description = "IPv4 range of the VPC, a /16."
  type        = string
  nullable    = false

  validation {
    condition     = can(cidrnetmask(var.cidr)) && endswith(var.cidr, "/16") && try(cidrhost(var.cidr, 0) == split("/", var.cidr)[0], false)
    error_message = "variable cidr: use a whole /16 such as 10.10.0.0/16."
  }

  validation {
    condition     = alltrue([for range in ["172.17.0.0/16", "169.254.0.0/16"] : cidrhost(range, 0) != try(cidrhost(var.cidr, 0), "")])
    error_message = "variable cidr: ${var.cidr} overlaps a range the nodes use themselves (Docker's 172.17.0.0/16, link-local 169.254.0.0/16)."
  }

  validation {
    condition     = !contains([for name, range in local.cidrs : range if name != var.environment], var.cidr)
    error_message = "variable cidr: ${var.cidr} is the range of another environment in envs/; two that overlap can never be joined."
  }
}

variable "hosts" {
  description = "Public names: the shop and its media, without scheme."
  type        = object({ shop = string, media = string })
  nullable    = false

  validation {
    condition     = alltrue([for host in values(var.hosts) : can(regex("^[a-z0-9-]+(\\.[a-z0-9-]+)+$", host))])
    error_message = "variable hosts: use plain lower-case host names such as greenleaf.com."
  }
}

variable "shop" {
  description = "What the shop is told about itself; the agent reads it from the parameters."
  type = object({
    title     = optional(string, "GreenLeaf")
    currency  = optional(string, "eur")
    countries = optional(list(string), ["fr", "be", "de", "es", "it", "nl"])
    country   = optional(string, "fr")
    tax_rate  = optional(number, 20)
    theme     = optional(string, "")
  })
  default  = {}
  nullable = false

  validation {
    condition     = contains(var.shop.countries, var.shop.country) && alltrue([for c in var.shop.countries : can(regex("^[a-z]{2}$", c))])
    error_message = "variable shop: countries are two-letter codes, and country is one of them."
  }

  validation {
    condition     = var.shop.tax_rate >= 0 && var.shop.tax_rate <= 100 && can(regex("^[a-z]{3}$", var.shop.currency)) && length(var.shop.title) > 0
    error_message = "variable shop: tax_rate is a percentage, currency a three-letter code, title not empty."
  }

  # What a parameter of the free tier holds, in bytes; the shop takes 4,000 characters.
  validation {
    condition     = length(base64encode(var.shop.theme)) * 3 / 4 <= 4096 && length(var.shop.theme) <= 4000
    error_message = "variable shop: theme is CSS of at most 4000 characters."
  }
}

variable "r2_account_id" {
  description = "Cloudflare account that holds the R2 buckets (32 hex digits; not a secret)."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[0-9a-f]{32}$", var.r2_account_id))
    error_message = "variable r2_account_id: 32 hex digits, as the R2 page of the Cloudflare dashboard shows them."
  }
}

variable "app" {
  description = "Application nodes. `spot` makes all of them Spot. `credits`: T3 standard cannot pass its baseline, so a 60 % rule needs unlimited."
  type = object({
    instance_type = string
    min           = number
    max           = number
    volume_gb     = optional(number, 20)
    spot          = optional(bool, false)
    spot_types    = optional(list(string), ["t3.medium", "t3a.medium", "t3.large", "t3a.large"])
    credits       = optional(string, "unlimited")
  })
  nullable = false

  validation {
    condition     = var.app.min >= 1 && var.app.max > var.app.min && var.app.max <= 10
    error_message = "variable app: 1 <= min < max <= 10."
  }

  validation {
    condition     = var.app.spot || var.app.min >= 2
    error_message = "variable app: min must be 2 or more, one node per zone; with one, removing a node at 40 % CPU would overload the other and the group would flap."
  }

  validation {
    condition     = can(regex("^t3a?\\.(medium|large)$", var.app.instance_type)) && var.app.volume_gb >= 20 && var.app.volume_gb <= 100
    error_message = "variable app: instance_type is a t3 or t3a (x86_64, as the images), medium or large (the containers of a node may take 2 GB), volume_gb 20 (what the golden image has; AWS refuses less) to 100."
  }

  validation {
    condition     = contains(["standard", "unlimited"], var.app.credits) && (!var.app.spot || (length(var.app.spot_types) >= 4 && var.app.credits == "standard"))
    error_message = "variable app: credits is standard or unlimited; Spot wants at least 4 spot_types and standard credits."
  }
}

variable "router_type" {
  description = "Instance type of a router."
  type        = string
  default     = "t3.nano"
  nullable    = false

  validation {
    condition     = can(regex("^t3a?\\.(nano|micro|small)$", var.router_type))
    error_message = "variable router_type: use t3.nano, or t3.micro or t3.small when its 32 Mbit/s are not enough."
  }
}

variable "router_azs" {
  description = "Zones with a router of their own; null = each. A zone without one leaves through another's."
  type        = set(string)
  default     = null

  validation {
    condition     = var.router_azs == null || (length(coalesce(var.router_azs, [])) > 0 && length(setsubtract(coalesce(var.router_azs, []), var.azs)) == 0)
    error_message = "variable router_azs: name at least one of the zones in azs."
  }

  validation {
    condition     = var.environment == "dev" || var.router_azs == null
    error_message = "variable router_azs: outside dev every zone has its router, each the other's stand-by."
  }
}

variable "database" {
  description = "RDS PostgreSQL."
  type = object({
    instance_class = string
    multi_az       = bool
    storage_gb     = optional(number, 20)
    storage_max_gb = optional(number, 100)
    backup_days    = optional(number, 7)
    protected      = optional(bool, true)
    # A new number hands the secret's password to RDS again.
    password_version = optional(number, 1)
    # The snapshot a database is made from, when it is made; later it says nothing.
    restore_from = optional(string)
  })
  nullable = false

  validation {
    condition     = can(regex("^db\\.t4g\\.(micro|small|medium)$", var.database.instance_class))
    error_message = "variable database: instance_class is a db.t4g up to medium; scripts/cost/prices.json must know its price."
  }

  validation {
    condition     = var.database.storage_gb >= 20 && var.database.storage_max_gb >= var.database.storage_gb * 1.1 && var.database.backup_days >= 1 && var.database.backup_days <= 35
    error_message = "variable database: storage_gb >= 20 (gp3), storage_max_gb at least 10 % above it, backup_days 1 to 35."
  }

  validation {
    condition     = var.environment == "dev" || (var.database.multi_az && var.database.protected && var.database.backup_days >= 7)
    error_message = "variable database: outside dev multi_az and protected are true and backup_days >= 7; customer data must not be lost."
  }
}

variable "cache" {
  description = "ElastiCache: node type and number of nodes (2 = primary and replica)."
  type        = object({ node_type = optional(string, "cache.t3.micro"), nodes = optional(number, 2) })
  default     = {}
  nullable    = false

  validation {
    condition     = can(regex("^cache\\.t3\\.(micro|small|medium)$", var.cache.node_type)) && contains([1, 2], var.cache.nodes)
    error_message = "variable cache: node_type is a cache.t3, nodes 1 or 2."
  }

  validation {
    condition     = var.environment == "dev" || var.cache.nodes == 2
    error_message = "variable cache: outside dev nodes is 2; with one, sessions die with it."
  }
}

variable "schedule" {
  description = "Nights off: everything that can stop stops at `stop` every day and is back at `start` on `days` (`*` = every day). null = always on."
  type = object({
    stop      = optional(string, "19:00")
    start     = optional(string, "09:00")
    days      = optional(string, "MON-FRI")
    time_zone = optional(string, "Europe/Paris")
  })
  default = null

  validation {
    condition     = var.schedule == null || alltrue([for t in [try(var.schedule.stop, "19:00"), try(var.schedule.start, "09:00")] : can(regex("^([01][0-9]|2[0-3]):[0-5][0-9]$", t))])
    error_message = "variable schedule: stop and start are times such as 19:00."
  }

  # The database starts 30 minutes before the nodes and stops 15 minutes after: both must stay on the same day.
  validation {
    condition = var.schedule == null || try(
      tonumber(replace(var.schedule.start, ":", "")) >= 30 && tonumber(replace(var.schedule.stop, ":", "")) <= 2344
      && tonumber(replace(var.schedule.start, ":", "")) < tonumber(replace(var.schedule.stop, ":", "")),
      false
    )
    error_message = "variable schedule: start before stop, not before 00:30, stop not after 23:44."
  }

  validation {
    condition     = var.schedule == null || can(regex("^(\\*|(MON|TUE|WED|THU|FRI|SAT|SUN)([-,](MON|TUE|WED|THU|FRI|SAT|SUN))*)$", try(var.schedule.days, "*")))
    error_message = "variable schedule: days is * or names such as MON-FRI."
  }

  validation {
    condition     = var.schedule == null || can(regex("^[A-Z][A-Za-z]+/[A-Z][A-Za-z_]+$", try(var.schedule.time_zone, "")))
    error_message = "variable schedule: time_zone is a name such as Europe/Paris; UTC would drift an hour twice a year."
  }

  validation {
    condition     = var.environment != "prod" || var.schedule == null
    error_message = "variable schedule: prod is never switched off; remove schedule from envs/prod.tfvars."
  }
}

variable "parked" {
  description = "By hand, for holidays: also removes load balancer and cache, and nothing wakes at `start`."
  type        = bool
  default     = false
  nullable    = false

  validation {
    condition     = !var.parked || var.schedule != null
    error_message = "variable parked: only an environment with a schedule can be parked."
  }
}

variable "listener_mode" {
  description = "`https`: TLS listener, port 80 redirects. `http80`: port 80 alone, as the guide draws it; Cloudflare to AWS is then clear text."
  type        = string
  default     = "https"
  nullable    = false

  validation {
    condition     = contains(["https", "http80"], var.listener_mode)
    error_message = "variable listener_mode: use https or http80."
  }
}

variable "bastion" {
  description = "Lets a router reach port 8080 of app nodes, for port forwarding by Session Manager. Opens nothing inbound."
  type        = bool
  default     = false
  nullable    = false
}

variable "mail_port" {
  description = "Port of the mail server that the shop sends by, opened for app nodes through a router; 0 opens none. SES: 587."
  type        = number
  default     = 0
  nullable    = false

  validation {
    condition     = contains([0, 465, 587, 2465, 2587], var.mail_port)
    error_message = "variable mail_port: use 587 or another port of SMTP with TLS (465, 2465, 2587), or 0."
  }
}

variable "ami" {
  description = "Fixed images by role instead of the published or the stock one."
  type        = object({ app = optional(string), router = optional(string) })
  default     = {}
  nullable    = false

  validation {
    condition     = alltrue([for id in values(var.ami) : id == null || can(regex("^ami-[0-9a-f]{8,17}$", id))])
    error_message = "variable ami: an image id is ami- and 8 to 17 hex digits."
  }
}

variable "alert_email" {
  description = "Who hears of alarms and of the budget."
  type        = string
  nullable    = false

  validation {
    condition     = can(regex("^[^@[:space:]]+@[^@[:space:]]+\\.[a-z]+$", var.alert_email))
    error_message = "variable alert_email: use one mail address."
  }
}

variable "budget_usd" {
  description = "Monthly budget of this environment, for AWS's own alerts."
  type        = number
  nullable    = false

  validation {
    condition     = var.budget_usd > 0 && var.budget_usd <= 500
    error_message = "variable budget_usd: above 0, and no more than the 500 of the whole platform."
  }
}

variable "anomaly_monitor_arn" {
  description = "Cost Explorer's monitor of services, which AWS makes once per account; prod's tfvars may name it, so that its findings are mailed."
  type        = string
  default     = null

  validation {
    condition     = var.anomaly_monitor_arn == null || can(regex("^arn:aws:ce::[0-9]{12}:anomalymonitor/[0-9a-f-]+$", var.anomaly_monitor_arn))
    error_message = "variable anomaly_monitor_arn: an ARN as `aws ce get-anomaly-monitors` prints it."
  }

  validation {
    condition     = var.anomaly_monitor_arn == null || var.environment == "prod"
    error_message = "variable anomaly_monitor_arn: prod alone subscribes; the monitor sees the whole account."
  }
}

variable "log_days" {
  description = "How long CloudWatch keeps logs."
  type        = number
  default     = 14
  nullable    = false

  validation {
    condition     = contains([1, 3, 5, 7, 14, 30], var.log_days)
    error_message = "variable log_days: use 1, 3, 5, 7, 14 or 30."
  }
}

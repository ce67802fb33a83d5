# Every image of GreenLeaf. Target = image name. `./greenleaf images` builds them in order, because the engines of
# Debian 12 cannot link targets; what an image is built from is read from the FROM lines of its Dockerfile.
variable "VERSION" { default = "0.0.0" }
variable "REVISION" { default = "unknown" }
variable "CREATED" { default = "" }
# A hash of all the image is made from; an image that carries it already is not built again.
variable "RECIPE" { default = "" }
variable "NODE_VERSION" { default = "" }
variable "NPM_VERSION" { default = "" }

group "default" {
  targets = ["base", "node", "caddy", "backend", "storefront"]
}

group "local" {
  targets = ["postgres", "valkey", "aws"]
}

# Only for whoever asks for it: `./greenleaf up --storefront DIR`.
group "own" {
  targets = ["own-storefront"]
}

# What the machine that builds adds (written by scripts/images.ts, all optional): mirror, proxy and CA never reach a layer.
target "_common" {
  dockerfile = "Dockerfile"
  secret = [
    "id=ca,src=dist/images/secrets/ca",
    "id=npmrc,src=dist/images/secrets/npmrc",
    "id=apt.conf,src=dist/images/secrets/apt.conf",
    "id=apt.sources,src=dist/images/secrets/apt.sources",
    "id=apt.preferences,src=dist/images/secrets/apt.preferences",
  ]
  labels = {
    "org.opencontainers.image.source"   = "https://github.com/greenleaf/greenleaf"
    "org.opencontainers.image.version"  = VERSION
    "org.opencontainers.image.revision" = REVISION
    "org.opencontainers.image.created"  = CREATED
    "org.opencontainers.image.licenses" = "Apache-2.0"
    "org.opencontainers.image.vendor"   = "GreenLeaf"
    "io.greenleaf.recipe"               = RECIPE
  }
}

target "build" {
  inherits = ["_common"]
  context  = "images/build"
  tags     = ["greenleaf/build:local"]
  args     = { NODE_VERSION = NODE_VERSION, NPM_VERSION = NPM_VERSION }
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/build"
    "org.opencontainers.image.description" = "Toolchain of the build stages: Node.js, npm, a C compiler. Never shipped."
  }
}

target "base" {
  inherits = ["_common"]
  context  = "images/base"
  tags     = ["greenleaf/base:local"]
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/base"
    "org.opencontainers.image.description" = "The C libraries, tini, the public CAs and a health probe from Debian 13; no shell."
  }
}

target "node" {
  inherits = ["_common"]
  context  = "images/node"
  tags     = ["greenleaf/node:local"]
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/node"
    "org.opencontainers.image.description" = "Node.js on greenleaf/base."
  }
}

target "caddy" {
  inherits = ["_common"]
  context  = "images/caddy"
  tags     = ["greenleaf/caddy:local"]
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/caddy"
    "org.opencontainers.image.description" = "Caddy in front of the shop; its Caddyfile is mounted at /etc/caddy/Caddyfile."
  }
}

target "backend" {
  inherits = ["_common"]
  context  = "images/backend"
  tags     = ["greenleaf/backend:local"]
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/backend"
    "org.opencontainers.image.description" = "The shop's Medusa backend: server, worker, first-run job."
  }
}

target "storefront" {
  inherits = ["_common"]
  context  = "images/storefront"
  tags     = ["greenleaf/storefront:local"]
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/storefront"
    "org.opencontainers.image.description" = "The shop's Next.js storefront; every setting is read at run time."
  }
}

target "own-storefront" {
  inherits = ["_common"]
  # scripts/images/own-storefront.ts puts it together: this repository's recipe and somebody's application.
  context  = "dist/images/own-storefront"
  tags     = ["greenleaf/own-storefront:local"]
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/own-storefront"
    "org.opencontainers.image.description" = "A Next.js storefront of the shop's own, in the place of greenleaf/storefront."
  }
}

target "postgres" {
  inherits = ["_common"]
  context  = "images/local/postgres"
  tags     = ["greenleaf/postgres:local"]
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/postgres"
    "org.opencontainers.image.description" = "PostgreSQL 17 for the local world: TLS only. RDS takes its place in the cloud."
  }
}

target "valkey" {
  inherits = ["_common"]
  context  = "images/local/valkey"
  tags     = ["greenleaf/valkey:local"]
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/valkey"
    "org.opencontainers.image.description" = "Valkey 8 for the local world: TLS and a password. ElastiCache takes its place in the cloud."
  }
}

target "aws" {
  inherits = ["_common"]
  context  = "images/local/aws"
  tags     = ["greenleaf/aws:local"]
  labels = {
    "org.opencontainers.image.title"       = "greenleaf/aws"
    "org.opencontainers.image.description" = "moto with a memory: the AWS APIs and the S3 store of the local world."
  }
}

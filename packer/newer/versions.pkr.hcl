# For packer 1.9 and later only: ./greenleaf ami puts this file beside the others there.

packer {
  required_version = ">= 1.9.0, < 2.0.0"

  required_plugins {
    amazon = {
      source  = "github.com/hashicorp/amazon"
      version = ">= 1.3.0, < 2.0.0"
    }
    docker = {
      source  = "github.com/hashicorp/docker"
      version = ">= 1.0.10, < 2.0.0"
    }
  }
}

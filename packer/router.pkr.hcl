# The golden image of a router: agent and what forwards packets; it downloads nothing when it boots.
# Every setting here is known to packer 1.6; newer/ holds the rest.

source "amazon-ebs" "router" {
  region        = var.region
  instance_type = var.instance_type
  ami_name      = "greenleaf-router-${var.os}-${var.version}-${local.stamp}"
  ssh_username  = var.ssh_username

  # packer's own key leaves no trace; seal.sh looks again.
  ssh_clear_authorized_keys = true
  shutdown_behavior         = "terminate"

  source_ami_filter {
    filters = {
      name                = var.ami_name
      architecture        = "x86_64"
      root-device-type    = "ebs"
      virtualization-type = "hvm"
    }
    owners      = [var.ami_owner]
    most_recent = true
  }

  launch_block_device_mappings {
    device_name           = var.root_device
    volume_type           = "gp3"
    iops                  = 3000
    throughput            = 125
    volume_size           = 8
    encrypted             = true
    kms_key_id            = var.kms_key
    delete_on_termination = true
  }

  tags = {
    Name    = "greenleaf-router"
    Project = "greenleaf"
    Role    = "router"
    Os      = var.os
    Agent   = var.version
  }

  run_tags = {
    Name    = "greenleaf-router-build"
    Project = "greenleaf"
  }

  # Only a build against an AWS API on this machine sets these.
  custom_endpoint_ec2        = var.ec2_endpoint
  skip_metadata_api_check    = var.ec2_endpoint != ""
  skip_region_validation     = var.ec2_endpoint != ""
  skip_credential_validation = var.ec2_endpoint != ""
  ssh_host                   = var.ssh_host
  ssh_port                   = var.ssh_port
  ssh_private_key_file       = var.ssh_private_key_file
}

# The same image as a container, for a look at it in seconds.
source "docker" "router" {
  image       = var.docker_image
  pull        = false
  commit      = true
  run_command = var.docker_run
  changes     = ["CMD [\"/sbin/init\"]"]
}

build {
  sources = ["source.amazon-ebs.router", "source.docker.router"]

  provisioner "shell" {
    inline = ["rm -rf ${local.staging}", "mkdir -m 700 ${local.staging}", "mkdir ${local.staging}/out"]
  }

  provisioner "file" {
    source      = "${var.archive}/"
    destination = local.staging
  }

  provisioner "shell" {
    execute_command = local.as_root
    script          = "${path.root}/provision/update.sh"
  }

  provisioner "shell" {
    execute_command  = local.as_root
    environment_vars = ["STAGING=${local.staging}", "ROLE=router", "SSM_AGENT=${var.ssm_agent}"]
    script           = "${path.root}/provision/install.sh"
  }

  provisioner "shell" {
    execute_command  = local.as_root
    environment_vars = ["OUT=${local.staging}/out"]
    script           = "${path.root}/provision/manifest.sh"
  }

  provisioner "file" {
    direction   = "download"
    source      = "${local.staging}/out/image.txt"
    destination = "${var.out}/image.txt"
  }

  provisioner "file" {
    direction   = "download"
    source      = "${local.staging}/out/packages.txt"
    destination = "${var.out}/packages.txt"
  }

  # Last of all: what an image must not hold goes, and what did not go fails the build.
  provisioner "shell" {
    execute_command = local.as_root
    script          = "${path.root}/provision/seal.sh"
  }

  post-processor "manifest" {
    output     = "${var.out}/packer-manifest.json"
    strip_path = true
  }
}

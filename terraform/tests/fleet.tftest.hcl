# One whole environment on a mocked AWS: every id known, so that what nodes are told and who reaches whom can be read
# off. Which environment: the workspace and the variables file of the run (terraform test -var-file=envs/prod.tfvars).

# As before bootstrap, whatever bootstrap has written beside the configuration.
variables {
  account_id = null
}

mock_provider "aws" {
  source = "./tests/mocks"
}

override_resource {
  target = module.router.aws_network_interface.this["eu-west-3a"]
  values = { id = "eni-0aaaaaaaaaaaaaaaa", mac_address = "06:00:00:00:00:0a" }
}
override_resource {
  target = module.router.aws_network_interface.this["eu-west-3b"]
  values = { id = "eni-0bbbbbbbbbbbbbbbb", mac_address = "06:00:00:00:00:0b" }
}
override_resource {
  target = module.router.aws_eip.this["eu-west-3a"]
  values = { id = "eipalloc-0aaaaaaaaaaaaaaaa", allocation_id = "eipalloc-0aaaaaaaaaaaaaaaa" }
}
override_resource {
  target = module.router.aws_eip.this["eu-west-3b"]
  values = { id = "eipalloc-0bbbbbbbbbbbbbbbb", allocation_id = "eipalloc-0bbbbbbbbbbbbbbbb" }
}
override_resource {
  target = module.network.aws_route_table.app["eu-west-3a"]
  values = { id = "rtb-0aaaaaaaaaaaaaaaa" }
}
override_resource {
  target = module.network.aws_route_table.app["eu-west-3b"]
  values = { id = "rtb-0bbbbbbbbbbbbbbbb" }
}

run "fleet" {
  command = apply
}

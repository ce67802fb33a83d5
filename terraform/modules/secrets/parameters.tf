# What compose/env/*.env.hbs asks for. release, previous, ami/* and shop/publishable_key are written by others
# (./greenleaf release, Packer, the first run) and are none of Terraform's.
resource "aws_ssm_parameter" "this" {
  for_each = var.parameters

  name  = "${var.tree}/${each.key}"
  type  = "String"
  value = each.value
}

output "template" {
  description = "Launch template: id and newest version."
  value       = { id = aws_launch_template.this.id, version = aws_launch_template.this.latest_version }
}

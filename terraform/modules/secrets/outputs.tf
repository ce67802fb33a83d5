output "kms_key_arn" {
  description = "Key of the environment."
  value       = aws_kms_key.this.arn
}

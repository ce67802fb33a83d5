# Settings of a source "amazon-ebs" that packer 1.6 does not know: ./greenleaf ami puts them into the block.
# The instance that is built on, and every instance from the image, answer metadata version 2 only.
imds_support = "v2.0"

metadata_options {
  http_endpoint               = "enabled"
  http_tokens                 = "required"
  http_put_response_hop_limit = 1
}

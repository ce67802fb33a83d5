#!/bin/sh
# Makes, once per AWS account, what `terraform init` needs: state bucket, artifact bucket, image repositories, keys,
# secrets. Needs AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY and nothing else; running it again changes nothing.
set -eu
exec "$(dirname "$0")/../greenleaf" bootstrap "$@"

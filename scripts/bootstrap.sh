#!/bin/sh
# Makes, once per AWS account, what `terraform init` needs: state bucket, artifact bucket, image repositories, keys,
# secrets. Needs credentials, as every AWS tool takes them, and nothing else; running it again changes nothing.
set -eu
exec "$(dirname "$0")/../greenleaf" bootstrap "$@"

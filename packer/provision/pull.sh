#!/bin/sh
# IMAGES: references by digest. The login lies in memory only.
set -eu
login=/dev/shm/greenleaf-login.json
mkdir -m 700 /dev/shm/greenleaf-docker
trap 'rm -rf "$login" /dev/shm/greenleaf-docker' EXIT
[ ! -s "$login" ] || cp "$login" /dev/shm/greenleaf-docker/config.json
for image in $IMAGES; do
  docker --config /dev/shm/greenleaf-docker pull --quiet "$image"
  docker image inspect --format '{{.Id}}' "$image"
done

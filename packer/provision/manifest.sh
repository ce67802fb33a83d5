#!/bin/sh
# OUT: folder for what the image holds: kernel, distribution, versions; and every package with version and architecture.
set -eu
if command -v rpm >/dev/null && ! command -v dpkg-query >/dev/null; then
  rpm -qa --qf '%{NAME}\t%{VERSION}-%{RELEASE}\t%{ARCH}\n' | sort >"$OUT/packages.txt"
  kernel=$(rpm -q --last kernel 2>/dev/null | sed -n '1s/^kernel[0-9.]*-\([^ ]*\).*/\1/p')
else
  dpkg-query -W -f '${Package}\t${Version}\t${Architecture}\n' | sort >"$OUT/packages.txt"
  kernel=$(dpkg-query -W -f '${Package} ${Version}\n' 'linux-image-[0-9]*' 2>/dev/null | sort -V | tail -n 1)
fi
# shellcheck disable=SC1091
. /etc/os-release
{
  echo "os=$PRETTY_NAME"
  echo "kernel=${kernel:-none in this image}"
  echo "running_kernel=$(uname -r)"
  echo "agent=$(readlink /opt/greenleaf/current)"
  echo "node=$(/opt/greenleaf/current/node --version)"
  if command -v docker >/dev/null; then
    echo "engine=$(docker version --format '{{.Server.Version}}')"
    echo "compose=$(docker compose version --short)"
    docker image ls --quiet | xargs -r docker image inspect --format '{{range .RepoDigests}}image={{.}}{{end}}'
  fi
} >"$OUT/image.txt"
chmod -R a+rX "$OUT" "${OUT%/*}"

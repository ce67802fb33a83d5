#!/bin/sh
# Every update of the distribution, before anything is added: the guide's `dnf update`.
set -eu
export DEBIAN_FRONTEND=noninteractive NEEDRESTART_SUSPEND=1
if command -v dnf >/dev/null; then
  # A release of Amazon Linux pins its packages; `latest` is the newest one.
  dnf -qy upgrade --refresh --releasever=latest
else
  apt-get -q -o DPkg::Lock::Timeout=300 -o Acquire::Languages=none update
  apt-get -qy -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 -o Dpkg::Options::=--force-confold dist-upgrade
fi

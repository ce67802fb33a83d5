#!/bin/sh
# Takes away what belongs to the machine that was built on, then looks for what an image must not hold. What could not
# be taken away fails the build: an image is copied, and so is every secret and identity in it.
set -eu
# A service that runs writes again: nothing that is cleaned here may come back before the machine stops.
if [ -d /run/systemd/system ]; then
  for unit in docker.socket docker containerd rsyslog auditd amazon-ssm-agent systemd-journald.socket systemd-journald-dev-log.socket systemd-journald-audit.socket systemd-journald; do
    systemctl stop "$unit" 2>/dev/null || :
  done
elif [ -e /run/docker.pid ]; then
  kill "$(cat /run/docker.pid)" || :
  for _ in 1 2 3 4 5 6 7 8 9 10 11 12; do [ ! -e /run/docker.pid ] || sleep 0.5; done
fi

clean() { rm -rf -- "$@" 2>/dev/null || :; }
empty() { for file in "$@"; do [ ! -f "$file" ] || { true >"$file"; } 2>/dev/null || :; done; }
homes="/root $(find /home -mindepth 1 -maxdepth 1 -type d 2>/dev/null)"

clean /etc/ssh/ssh_host_*
for home in $homes; do
  clean "$home"/.ssh "$home"/.aws "$home"/.docker "$home"/.config "$home"/.cache "$home"/.npm "$home"/.netrc "$home"/.*_history "$home"/.lesshst "$home"/.wget-hsts
done
clean /var/lib/dbus/machine-id /var/lib/systemd/random-seed /var/lib/systemd/credential.secret
[ ! -e /etc/machine-id ] || { echo uninitialized >/etc/machine-id; } 2>/dev/null || :
empty /etc/hostname
clean /var/lib/cloud/* /etc/greenleaf/* /var/lib/greenleaf/* /var/lib/dhcp/* /var/lib/dhclient/* /var/lib/NetworkManager/*
clean /var/lib/amazon/ssm/* /etc/docker/key.json /var/lib/docker/swarm/* /var/lib/docker/containers/* /var/lib/docker/volumes/*
clean /var/lib/apt/lists/* /var/cache/apt/*.bin /var/cache/apt/archives/*.deb /var/cache/dnf/* /var/lib/dnf/history* /var/cache/greenleaf
clean /tmp/* /tmp/.[!.]* /var/tmp/* /var/tmp/.[!.]* /dev/shm/*
# Without the folder the journal of the last minutes stays in memory; the next boot makes it again.
clean /var/log/journal
find /var/log -type f -exec rm -f {} + 2>/dev/null || :

leaks=0
leak() { # what it is, then each path that holds it
  what=$1 && shift
  for path in "$@"; do
    [ -e "$path" ] || [ -L "$path" ] || continue
    echo "greenleaf: leak: $path: $what" >&2
    leaks=$((leaks + 1))
  done
}
filled() { find "$@" -type f -size +0c 2>/dev/null || :; }
# shellcheck disable=SC2046
{
  leak "the host key of the machine that was built on" /etc/ssh/ssh_host_*
  for home in $homes; do
    leak "a key that logs in, or a known host" "$home"/.ssh/*
    leak "credentials" "$home"/.aws "$home"/.docker "$home"/.netrc "$home"/.npm
    leak "what somebody typed" "$home"/.*_history
  done
  grep -qsvx uninitialized /etc/machine-id && leak "the identity of the machine that was built on" /etc/machine-id
  leak "the identity of the machine that was built on" /var/lib/dbus/machine-id /var/lib/systemd/credential.secret
  leak "the name of the machine that was built on" $(filled /etc/hostname)
  leak "instance data of cloud-init" /var/lib/cloud/*
  leak "what another node was told" /etc/greenleaf/*
  leak "the state of another node" /var/lib/greenleaf/*
  leak "an address lease" $(filled /var/lib/dhcp /var/lib/dhclient /var/lib/NetworkManager)
  leak "a registration with Systems Manager" $(filled /var/lib/amazon/ssm)
  leak "a log" $(filled /var/log)
  leak "what was installed when" /var/lib/dnf/history* $(filled /var/lib/apt/lists)
  leak "something left behind" $(filled /tmp /var/tmp /dev/shm)
  leak "an entropy seed" $(filled /var/lib/systemd/random-seed)
  leak "a container, its log or its data" /var/lib/docker/containers/* /var/lib/docker/volumes/*/_data
  leak "an engine's identity" /etc/docker/key.json
  leak "an environment file" $(find /opt /etc /srv /root /home -xdev -name '*.env' 2>/dev/null)
  leak "a private key or an AWS key" $(grep -rlIsE -- '-----BEGIN [A-Z ]*PRIVATE KEY-----|(AKIA|ASIA)[A-Z0-9]{16}' /etc /opt /root /home /srv /usr/local /var/lib/misc 2>/dev/null)
}
[ "$leaks" = 0 ] || { echo "greenleaf: $leaks leaks: this image must not be published" >&2; exit 1; }
echo "greenleaf: sealed"

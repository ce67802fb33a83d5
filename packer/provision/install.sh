#!/bin/sh
# STAGING: the signed archive and the key it is signed with. ROLE: app or router. SSM_AGENT: required or absent.
# The agent installs itself and what its role needs; a stock boot and `greenleaf up` run the same code.
set -eu
cd "$STAGING"
mkdir agent
tar -xzf greenleaf-agent-*.tar.gz -C agent
gunzip -c node-*.gz >node
chmod +x node
./node agent/main.js install --from "$STAGING" --key "$STAGING/release.pub" --role "$ROLE"
case $SSM_AGENT in
  required) command -v amazon-ssm-agent >/dev/null || { echo "greenleaf: this image has no SSM agent: nobody could open a shell on its nodes"; exit 1; } ;;
  absent) echo "greenleaf: the distribution packages no SSM agent" ;;
esac
greenleaf-agent --help >/dev/null

import { GetSecretValueCommand, ListSecretsCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { Canary } from "../support/canaries.ts";
import { settings } from "./account.ts";
import type { FleetNode } from "./node.ts";
import type { World } from "./world.ts";

/** Shorter ones are names and ports, which stand in every log. */
const LEAST = 20;

/** Every password and key that the account's secrets hold. */
export async function secretsOf({ standIn }: World): Promise<Canary[]> {
  const client = new SecretsManagerClient(settings(standIn.url));
  const { SecretList = [] } = await client.send(new ListSecretsCommand({ MaxResults: 100 }));
  const texts = await Promise.all(
    SecretList.map(async ({ ARN }) => (await client.send(new GetSecretValueCommand({ SecretId: ARN }))).SecretString),
  );
  const values = texts.flatMap((text = "{}") => Object.values(JSON.parse(text) as Record<string, string>));
  return [...new Set(values)].filter((value) => value.length >= LEAST).map((value) => ({ value, core: value }));
}

const AGENT = "/opt/greenleaf/current/node /opt/greenleaf/current/main.js";

/** What people, log collectors and other users of the machine can read of a node. */
const CHANNELS: readonly string[] = [
  "journalctl --no-pager --output export",
  "for c in $(docker ps --all --quiet); do docker logs $c 2>&1; done",
  "cat /var/lib/greenleaf/status.json",
  "cat /proc/[0-9]*/cmdline",
  "cat /etc/greenleaf/node.json /var/lib/cloud/instance/user-data.txt",
  "docker history --no-trunc --format '{{.CreatedBy}}' $(docker images --quiet | head -1)",
  `${AGENT} status --json; ${AGENT} plan; ${AGENT} doctor`,
  "curl -s http://127.0.0.1:9090/ http://127.0.0.1:9090/status http://127.0.0.1:9090/metrics",
];

/** All of them in one text, the console with it; throws where one says nothing: it would leak nothing for ever. */
export async function toldBy(node: FleetNode): Promise<string> {
  const parts = [node.console()];
  for (const line of CHANNELS) {
    const { stdout, stderr } = await node.run(line);
    if (stdout === "") throw new Error(`${line} says nothing: ${stderr}`);
    parts.push(stdout, stderr);
  }
  return parts.join("\n");
}

const AS_NOBODY = "setpriv --reuid=65534 --regid=65534 --clear-groups";
const FOLDERS = "/etc /home /opt /root /run /srv /tmp /usr/local /var";

/** The files that a user without rights can read and that hold one of these secrets. */
export async function readableBy(node: FleetNode, secrets: readonly Canary[]): Promise<string> {
  const list = Buffer.from(secrets.map(({ value }) => value).join("\n")).toString("base64");
  const found = `${AS_NOBODY} grep --recursive --files-with-matches --fixed-strings --file=- ${FOLDERS} 2>/dev/null`;
  return (await node.run(`echo ${list} | base64 -d | ${found}`, 180_000)).stdout;
}

/** What the engine tells a user without rights. */
export const inspectedByNobody = (node: FleetNode) =>
  node.run(`${AS_NOBODY} docker inspect $(docker ps --quiet) 2>&1; ${AS_NOBODY} cat /proc/[0-9]*/environ 2>/dev/null`);

/** Limits of the size of a core dump, of every process of the stack and of the agent's; one word where all are alike. */
export async function coreLimits(node: FleetNode): Promise<string> {
  const pids = "$(docker inspect --format '{{.State.Pid}}' $(docker ps --quiet)) $(pidof node)";
  const line = `for p in ${pids}; do awk '/^Max core file size/ { print $5, $6 }' /proc/$p/limits; done | sort -u`;
  return (await node.run(line)).stdout.trim();
}

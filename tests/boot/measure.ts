import type { FleetNode } from "./node.ts";

/** When a unit's process began, in seconds since 1970. */
export async function unitStart(node: FleetNode, unit: string): Promise<number> {
  const line = `systemctl show --property ExecMainStartTimestamp --value --timestamp=us+utc ${unit}`;
  const { stdout } = await node.run(line);
  return Date.parse(stdout.trim().replace(/^\w+ /, "").replace(" UTC", "Z").replace(" ", "T")) / 1000;
}

/** Seconds from the start of the backend's own container to 200 on /readyz, with nothing beside it. */
export async function appStart(node: FleetNode): Promise<number> {
  const { stdout, stderr } = await node.run(START, 180_000);
  const seconds = Number(stdout.trim());
  if (!(seconds > 0)) throw new Error(`the application could not be measured: ${stdout} ${stderr}`);
  return seconds;
}

const START = `
backend=greenleaf-backend-1
systemctl stop greenleaf-agent
docker stop $(docker ps -q) >/dev/null
begin=$(date +%s.%N)
docker start $backend >/dev/null
address=$(docker inspect --format '{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}' $backend)
until curl -fs -m 1 -o /dev/null http://$address:9000/readyz; do sleep 0.1; done
end=$(date +%s.%N)
echo "$end $begin" | awk '{ print $1 - $2 }'
`;

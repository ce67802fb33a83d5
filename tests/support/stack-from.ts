import { stackOf } from "../../node-agent/src/core/stack/compose/load-stack.ts";
import type { PlainMap } from "../../node-agent/src/core/stack/compose/read/plain.ts";
import type { Stack } from "../../node-agent/src/core/stack/compose/stack.ts";

/** The stack of a canonical model, as Compose prints it; every service is on network `default` unless it says where. */
export function stackFrom(model: PlainMap, path = "/srv/docker-compose.yml"): Stack {
  const services = Object.entries(model["services"] as Record<string, PlainMap>).map(
    ([name, service]) => [name, { networks: { default: null }, ...service }] as const,
  );
  const whole = { networks: { default: { name: "gl_default" } }, ...model, services: Object.fromEntries(services) };
  const { stack, problems } = stackOf(whole, { path, project: "gl" });
  if (problems.length > 0) throw new Error(JSON.stringify(problems));
  return stack;
}

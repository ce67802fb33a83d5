import type { Problem } from "./problems.ts";
import type { Service, Stack } from "./stack.ts";

/** What the parts of a stack say about each other: unknown names, cycles, two services on one port. */
export function checkReferences(stack: Stack, inactive: ReadonlySet<string>): Problem[] {
  return [
    ...stack.services.flatMap((service) => unknownNames(service, stack, inactive)),
    ...cycles(stack.services),
    ...sharedPorts(stack.services),
  ];
}

function unknownNames(service: Service, stack: Stack, inactive: ReadonlySet<string>): Problem[] {
  const at = (key: string, ...more: Array<string | number>) => ["services", service.name, key, ...more];
  const problems: Problem[] = [];
  const services = new Set(stack.services.map(({ name }) => name));
  for (const { service: name } of service.dependsOn) {
    if (services.has(name)) continue;
    const why = inactive.has(name)
      ? `service "${name}" belongs to no active profile`
      : `no service "${name}" in this file`;
    problems.push({ path: at("depends_on", name), message: why });
  }
  for (const { key } of service.networks) {
    const known = stack.networks.some((network) => network.key === key);
    if (!known) problems.push({ path: at("networks", key), message: `no network "${key}" in this file` });
  }
  service.mounts.forEach(({ type, source }, index) => {
    if (type !== "volume" || source === "" || stack.volumes.some(({ key }) => key === source)) return;
    problems.push({ path: at("volumes", index), message: `no volume "${source}" in this file` });
  });
  return problems;
}

function cycles(services: readonly Service[]): Problem[] {
  const dependsOn = new Map(services.map((service) => [service.name, service.dependsOn.map(({ service }) => service)]));
  const finished = new Set<string>();
  const problems: Problem[] = [];
  const visit = (name: string, trail: readonly string[]): void => {
    const start = trail.indexOf(name);
    if (start !== -1) {
      const circle = [...trail.slice(start), name].join(" -> ");
      problems.push({ path: ["services", name, "depends_on"], message: `services wait for each other: ${circle}` });
      return;
    }
    if (finished.has(name)) return;
    for (const next of dependsOn.get(name) ?? []) visit(next, [...trail, name]);
    finished.add(name);
  };
  for (const name of dependsOn.keys()) visit(name, []);
  return problems;
}

function sharedPorts(services: readonly Service[]): Problem[] {
  const owners = new Map<string, string>();
  const problems: Problem[] = [];
  for (const service of services) {
    for (const { published, protocol, hostIp } of service.ports) {
      if (published === "" || published === "0" || published.includes("-")) continue;
      const port = `${hostIp}:${published}/${protocol}`;
      const owner = owners.get(port);
      if (owner === undefined) owners.set(port, service.name);
      else {
        const message = `port ${published}/${protocol} is published by service "${owner}" too`;
        problems.push({ path: ["services", service.name, "ports"], message });
      }
    }
  }
  return problems;
}

import type { Service } from "./stack.ts";

/** Services so that each comes after those it depends on; otherwise by name. */
export function startOrder(services: readonly Service[]): Service[] {
  const byName = new Map(services.map((service) => [service.name, service]));
  const ordered = new Set<Service>();
  const visit = (service: Service, trail: ReadonlySet<Service>): void => {
    if (ordered.has(service) || trail.has(service)) return;
    for (const { service: name } of service.dependsOn) {
      const dependency = byName.get(name);
      if (dependency) visit(dependency, new Set([...trail, service]));
    }
    ordered.add(service);
  };
  for (const service of services) visit(service, new Set());
  return [...ordered];
}

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Limited {
  readonly pids_limit?: unknown;
  readonly cap_drop?: unknown;
  readonly security_opt?: unknown;
  readonly ulimits?: unknown;
}

const servicesOf = (file: string): ReadonlyArray<readonly [string, Limited]> => {
  const text = readFileSync(join(import.meta.dirname, "../../compose", file), "utf8");
  const { services } = parse(text, { merge: true }) as { services: Record<string, Limited> };
  return Object.entries(services);
};

test.each(["docker-compose.yml", "local.yml"])("every container of %s has an end to its processes", (file) => {
  const services = servicesOf(file);
  expect(services.length).toBeGreaterThan(2);
  for (const [name, service] of services) {
    expect(service, name).toMatchObject({ cap_drop: ["ALL"], security_opt: ["no-new-privileges:true"] });
    expect(Number(service.pids_limit), name).toBeGreaterThanOrEqual(64);
    expect(Number(service.pids_limit), name).toBeLessThanOrEqual(512);
  }
});

// A dump of memory holds every secret; one `ulimits` of a service's own replaces what it merges.
test.each(["docker-compose.yml", "local.yml"])("no container of %s leaves a core dump", (file) => {
  for (const [name, { ulimits }] of servicesOf(file)) expect(ulimits, name).toMatchObject({ core: 0 });
});

test.each(["greenleaf-boot.service", "greenleaf-agent.service"])("%s leaves no core dump", (unit) => {
  const text = readFileSync(join(import.meta.dirname, "../../node-agent/systemd", unit), "utf8");
  expect(text.match(/^LimitCORE=.*$/gm)).toEqual(["LimitCORE=0"]);
});

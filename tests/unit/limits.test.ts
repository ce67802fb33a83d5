import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";

interface Limited {
  readonly pids_limit?: unknown;
  readonly cap_drop?: unknown;
  readonly security_opt?: unknown;
  readonly ulimits?: unknown;
  readonly read_only?: unknown;
  readonly mem_limit?: unknown;
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

test("no container of a node writes to its own root", () => {
  for (const [name, { read_only: isReadOnly }] of servicesOf("docker-compose.yml")) expect(isReadOnly, name).toBe(true);
});

test("all containers of a node, and one that is rolled out beside them, fit the smallest one, which has 4 GB", () => {
  const megabytes = ({ mem_limit: limit }: Limited) => Number(/(?:^|:-)(\d+)m\}?$/.exec(String(limit))?.[1]);
  const limits = new Map(servicesOf("docker-compose.yml").map(([name, service]) => [name, megabytes(service)]));
  const terraform = readFileSync(join(import.meta.dirname, "../../terraform/variables.tf"), "utf8");
  expect(terraform).toContain(String.raw`regex("^t3a?\\.(medium|large)$", var.app.instance_type)`);
  // All connections that its descriptors allow: test safe fills them.
  expect(limits.get("caddy")).toBe(384);
  // Rollouts follow one another. The rest is the engine's, the agent's and the kernel's.
  const sum = [...limits.values()].reduce((all, one) => all + one, 0);
  expect(sum + Math.max(...limits.values())).toBeLessThanOrEqual(4096 - 512);
});

test("a service that hangs has an end: 25 s for who looks, no more than the balancer's for who writes", () => {
  const text = (path: string) => readFileSync(join(import.meta.dirname, "../..", path), "utf8");
  const front = text("caddy/Caddyfile");
  const limits = [...front.matchAll(/^\t+import (?:upstream|transport) (\S+)$/gm)].map(([, limit]) => limit);
  expect(limits).toEqual(["{args[0]}", "{$LOOK_TIMEOUT:25s}", "60s", "60s"]);
  // The balancer closes what was silent for so long.
  const idle = Number(/idle_timeout\s+= (\d+)/.exec(text("terraform/modules/balancer/main.tf"))?.[1]);
  expect(Number.parseInt(limits.at(-1) ?? "", 10)).toBeLessThanOrEqual(idle);
});

import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { parseNodeDocument } from "../../node-agent/src/core/config/node-document.ts";
import { SECRETS } from "../../scripts/bootstrap/inventory.ts";
import { ofType, type Resource, text } from "../../scripts/fleet/resource.ts";
import { missing, mockedStates, plans } from "./fleet.ts";
import { heredoc, keysOf } from "./user-data.ts";

const ROOT = join(import.meta.dirname, "../..");
const read = (path: string) => readFile(join(ROOT, path), "utf8");
const fleets = await plans();
const states = missing === undefined ? await mockedStates() : fleets;
const skipped = missing === undefined ? "" : ` (skipped: ${missing})`;

async function templates(): Promise<string> {
  const names = ["backend", "worker", "first-run", "storefront", "caddy"];
  return (await Promise.all(names.map((name) => read(`compose/env/${name}.env.hbs`)))).join("\n");
}

function tags(template: string, kind: "ssm" | "secret"): ReadonlyArray<{ name: string; rest: string }> {
  return [...template.matchAll(new RegExp(`\\b${kind} "([^"]+)"([^})]*)`, "g"))].map(([, name = "", rest = ""]) => ({
    name,
    rest,
  }));
}

test.each(fleets)(
  "every parameter a template asks for is planned in $environment, has a default, or is learnt at the first run",
  async ({ environment, resources }) => {
    const planned = new Set(ofType(resources, "aws_ssm_parameter").map(({ values }) => text(values.name)));
    const asked = tags(await templates(), "ssm");
    expect(asked.length).toBeGreaterThan(15);
    const absent = asked.filter(
      ({ name, rest }) => !planned.has(`/greenleaf/${environment}/${name}`) && !/default=|from="first-run"/.test(rest),
    );
    expect(absent).toEqual([]);
  },
);

test.each(fleets)(
  "every planned parameter of $environment is asked for by a template",
  async ({ environment, resources }) => {
    const asked = new Set(tags(await templates(), "ssm").map(({ name }) => `/greenleaf/${environment}/${name}`));
    const tree = ofType(resources, "aws_ssm_parameter").filter(({ name }) => name === "this");
    expect(tree.map(({ values }) => text(values.name)).filter((name) => !asked.has(name))).toEqual([]);
  },
);

test("every secret a template asks for is made by bootstrap, and the node may read exactly those", async () => {
  const asked = new Set(tags(await templates(), "secret").map(({ name }) => name.replace(/#.*/, "")));
  expect(asked).toEqual(new Set(SECRETS));
  for (const { environment, resources } of fleets) {
    const policy = ofType(resources, "aws_iam_role_policy").find(({ address }) => address.endsWith('.node["app"]'));
    const readable = [...text(policy?.values.policy).matchAll(/:secret:([a-z/]+)-\?{6}/g)].map(([, name]) => name);
    expect(new Set(readable)).toEqual(new Set([...asked].map((name) => `greenleaf/${environment}/${name}`)));
  }
});

function userDataOf(resource: Resource): string {
  return Buffer.from(text(resource.values.user_data), "base64").toString("utf8");
}

test.each(fleets)(
  "what a node of $environment is told is a valid document of at most 4,096 bytes",
  ({ environment, resources }) => {
    const template = ofType(resources, "aws_launch_template").find(({ address }) => address.startsWith("module.app."));
    const script = userDataOf(template!);
    expect(Buffer.byteLength(script)).toBeLessThanOrEqual(4096);
    const document = parseNodeDocument(heredoc(script, "NODE"), "user_data");
    expect(document).toMatchObject({
      environment,
      role: "app",
      parameters: `/greenleaf/${environment}`,
      release: `ssm:/greenleaf/${environment}/release`,
      region: "eu-west-3",
    });
    expect(keysOf(script)).toMatch(/^-----BEGIN PUBLIC KEY-----\n/);
  },
);

test.skipIf(missing !== undefined).each(states)(
  `what a router of $environment is told is valid: own zone first, every id there${skipped}`,
  ({ environment, resources }) => {
    const templates = ofType(resources, "aws_launch_template").filter(({ address }) =>
      address.startsWith("module.router."),
    );
    expect(templates).toHaveLength(environment === "dev" ? 1 : 2);
    for (const template of templates) {
      const script = userDataOf(template);
      expect(Buffer.byteLength(script)).toBeLessThanOrEqual(4096);
      const { role, router } = parseNodeDocument(heredoc(script, "NODE"), template.address);
      expect(role).toBe("router");
      const zone = template.address.match(/eu-west-3[ab]/)?.[0];
      const eni = ofType(resources, "aws_network_interface").find(({ index }) => index === zone);
      expect(router?.zones[0]).toMatchObject({ name: zone, interface: eni?.values.id, mac: eni?.values.mac_address });
      expect(router?.zones[0]?.routeTable).toMatch(/^rtb-/);
      expect(router?.zones.flatMap(({ sources }) => sources)).toHaveLength(2);
      expect(router?.lease).toBe(`dynamodb:greenleaf-${environment}-router-lease`);
    }
  },
);

test("the load balancer asks where Caddy listens, under the path Caddy answers", async () => {
  const compose = parse(await read("compose/docker-compose.yml"), { merge: true }) as {
    services: { caddy: { ports: string[] } };
  };
  const published = compose.services.caddy.ports[0]?.match(/GREENLEAF_HTTP_PORT:-(\d+)/)?.[1];
  for (const { resources } of fleets) {
    const [group] = ofType(resources, "aws_lb_target_group");
    expect(String(group?.values.port)).toBe(published);
  }
  expect(await read("caddy/Caddyfile")).toContain("/healthz");
});

test("PostgreSQL and Valkey have the majors of the local stack", async () => {
  const majors = {
    postgres: (await read("images/local/postgres/Dockerfile")).match(/postgresql-(\d+)/)?.[1],
    valkey: "8",
  };
  expect(await read("images/local/valkey/Dockerfile")).toMatch(/valkey/);
  for (const { resources } of fleets) {
    expect(ofType(resources, "aws_db_instance")[0]?.values.engine_version).toBe(majors.postgres);
    expect(text(ofType(resources, "aws_elasticache_replication_group")[0]?.values.engine_version).split(".")[0]).toBe(
      majors.valkey,
    );
  }
});

test("the routers' ports between each other are the agent's own", async () => {
  const config = await read("node-agent/src/core/router/nat/config.ts");
  const flows = await read("terraform/modules/network/flows.tf");
  for (const name of ["HEARTBEAT_PORT", "TUNNEL_PORT", "STATE_PORT"]) {
    const port = config.match(new RegExp(`${name} = (\\d+)`))?.[1];
    expect(flows).toMatch(new RegExp(`port = ${port} `));
  }
});

import { execFileSync } from "node:child_process";
import { cpSync, mkdirSync, mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { stringify } from "yaml";
import { redactor } from "../../node-agent/src/core/config/redact.ts";
import { applyStack } from "../../node-agent/src/phases/stack/stack.ts";
import { realWorld } from "../../node-agent/src/world.ts";
import { root as repository } from "../../scripts/images/folders.ts";
import { compose, docker, removeProject } from "../integration/compose-oracle.ts";
import { freePort } from "../support/agent-process.ts";
import { removeRoot } from "../support/remove-root.ts";

export const SECRET = "canary-of-the-rollout";

/** What one release makes of a service. */
export interface Version {
  readonly VERSION?: string;
  readonly MODE?: "well" | "crash" | "sick" | "late" | "flaky";
  /** Its `stop_grace_period`: how long what is under way in the old one is waited for. */
  readonly grace?: string;
}

/** What a release says of the small shop. */
export interface SmallRelease {
  readonly backend?: Version;
  readonly storefront?: Version;
  /** Changes nothing of Caddy but its definition. */
  readonly caddy?: Pick<Version, "VERSION"> & { readonly LOOK_TIMEOUT?: string };
  readonly program?: string;
}

/** The real Caddy with the stack's own Caddyfile, and two small services as backend and storefront. */
export interface SmallShop {
  readonly port: number;
  /** As a boot does, with the agent's own planner and executor; gives the operations. */
  apply(release: SmallRelease, tell?: (operation: string) => void): Promise<string[]>;
  /** Runs `docker compose` on the file of a release. */
  compose(release: SmallRelease, ...args: string[]): Promise<void>;
  /** What stands for `/` of its node. */
  readonly folder: string;
  /** Names and ids of its containers. */
  containers(): Promise<Record<string, string>>;
  /** What the storefront hears of the backend, by the way that is no customer's. */
  askInside(): string;
  /** Whom Caddy asks for a service. */
  route(service: string): string;
  remove(): Promise<void>;
}

export async function newSmallShop(project: string, address = "127.0.0.1"): Promise<SmallShop> {
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-rollout-"));
  const world = realWorld({ root: folder });
  const agent = join(folder, "run/greenleaf/agent");
  for (const made of [agent, join(folder, "stack")]) mkdirSync(made, { recursive: true });
  cpSync(join(repository, "caddy"), join(folder, "stack/caddy"), { recursive: true });
  cpSync(join(import.meta.dirname, "app.js"), join(folder, "stack/app.js"));
  execFileSync("chmod", ["-R", "a+rX", folder]);
  const port = await freePort();
  const file = "/stack/docker-compose.yml";
  const textOf = (release: SmallRelease) =>
    stringify(stackOf({ folder, agent, port, release, address }), { aliasDuplicateObjects: false });
  return {
    port,
    folder,
    compose: async (release, ...args) => {
      writeFileSync(join(folder, file), textOf(release));
      await compose({ file: join(folder, file), project, variables: "/dev/null" }, ...args);
    },
    apply: async (release, told = () => undefined) => {
      const operations: string[] = [];
      const text = textOf(release);
      await applyStack(
        {
          world,
          mode: "apply",
          redact: redactor([SECRET]),
          progress: () => undefined,
          tell: ({ name, why }) => {
            operations.push(`${name} (${why})`);
            told(name);
          },
          healthyWithinMs: 60_000,
        },
        { file, text, project, variables: () => undefined },
      );
      return operations;
    },
    containers: async () => {
      const filters = { label: [`com.docker.compose.project=${project}`] };
      const listed = await docker.listContainers({ all: true, filters });
      return Object.fromEntries(listed.map(({ Names, Id }) => [Names[0]?.slice(1), Id]));
    },
    askInside: () => {
      const program = 'fetch("http://caddy:8082/store/inside").then((a) => a.text()).then(console.log)';
      const inside = ["exec", `${project}-storefront-1`, "/usr/local/bin/node", "-e", program];
      return execFileSync("docker", inside, { encoding: "utf8" }).trim();
    },
    route: (service) => readFileSync(join(agent, `route-${service}`), "utf8"),
    remove: async () => {
      await removeProject(project);
      removeRoot(folder);
    },
  };
}

interface Asked {
  folder: string;
  agent: string;
  port: number;
  /** Of the machine, where the port is published. */
  address: string;
  release: SmallRelease;
}

function stackOf({ folder, agent, port, address, release }: Asked): object {
  const { backend = {}, storefront = {}, caddy = {}, program } = release;
  const app = (name: string, inside: number, { grace = "8s", ...version }: Version) => ({
    image: "greenleaf/node:local",
    command: ["/usr/local/bin/node", "/app.js"],
    ...(program === undefined ? {} : { entrypoint: [program] }),
    volumes: [`${folder}/stack/app.js:/app.js:ro`],
    environment: {
      NAME: name,
      PORT: String(inside),
      HEALTH_URL: `http://127.0.0.1:${inside}/health`,
      TOKEN: SECRET,
      ...version,
    },
    restart: "always",
    healthcheck: { interval: "1s", timeout: "20s", retries: 2, start_period: "8s" },
    deploy: { update_config: { order: "start-first", monitor: version.MODE === "late" ? "8s" : "1s" } },
    stop_grace_period: grace,
  });
  return {
    services: {
      caddy: {
        image: "greenleaf/caddy:local",
        restart: "always",
        environment: { ...caddy },
        ports: [`${address}:${port}:8080`],
        volumes: [`${folder}/stack/caddy:/etc/caddy:ro`, `${agent}:/run/greenleaf:ro`],
        tmpfs: ["/tmp:mode=1777"],
        healthcheck: { interval: "1s", timeout: "20s", retries: 3, start_period: "60s" },
        depends_on: ["backend", "storefront"],
        deploy: { update_config: { order: "start-first", monitor: "1s" } },
      },
      backend: app("backend", 9000, backend),
      storefront: app("storefront", 3000, storefront),
    },
  };
}

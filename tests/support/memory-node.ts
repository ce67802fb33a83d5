import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { sha256 } from "../../node-agent/src/base/digest.ts";
import { TemporaryError } from "../../node-agent/src/base/errors.ts";
import type { LogEvent } from "../../node-agent/src/base/log.ts";
import { Secret } from "../../node-agent/src/base/secret.ts";
import { done, type ProbeResult, pending } from "../../node-agent/src/base/wait.ts";
import { reported } from "../../node-agent/src/phases/boot/report.ts";
import { PHASES } from "../../node-agent/src/phases/index.ts";
import { type Boot, type Mode, runPhases } from "../../node-agent/src/phases/phase.ts";
import { repairPhases } from "../../node-agent/src/phases/stack/repair.ts";
import type { Fetched, Released } from "../../node-agent/src/phases/stages.ts";
import { type Aws, realWorld, type World } from "../../node-agent/src/world.ts";
import { type MemoryEngine, memoryEngine } from "./memory-engine.ts";
import { newKeys } from "./release-node.ts";

const imageId = (letter: string): string => `sha256:${letter.repeat(64)}`;
export const IMAGES = { backend: imageId("a"), caddy: imageId("b") };

/** What a release's Compose file says, when nothing else is published. */
export const COMPOSE = `
services:
  caddy:
    image: \${GREENLEAF_IMAGE_CADDY}
    restart: always
    ports: ["127.0.0.1:18999:8080"]
    env_file: ["\${GREENLEAF_RUN}/caddy.env"]
    depends_on: { backend: { condition: service_healthy } }
    healthcheck: { test: [CMD, probe] }
  backend:
    image: \${GREENLEAF_IMAGE_BACKEND}
    restart: always
    mem_limit: 64m
    env_file: ["\${GREENLEAF_RUN}/backend.env"]
    environment: { DATABASE_URL: "postgres://me:word@127.0.0.1:5432/shop" }
    volumes: ["data:/data"]
    healthcheck: { test: [CMD, probe] }
volumes: { data: {} }
`;
const TEMPLATE = `# greenleaf: reader=compose
TITLE={{ssm "shop/title"}}
TOKEN={{secret "api"}}
`;
const FRONT_TEMPLATE = `# greenleaf: reader=compose
KEY={{ssm "shop/publishable_key" from="first-run"}}
`;

/** An app node below a folder of its own, with an engine, an AWS and a clock in memory. */
export interface MemoryNode {
  readonly root: string;
  readonly engine: MemoryEngine;
  readonly parameters: Map<string, string>;
  readonly secrets: Map<string, string>;
  /** What the database says when it is asked for the release's migrations. */
  recorded: boolean | "unverified";
  /** The CA certificates that it was expected to show one of, each time. */
  readonly authorities: string[];
  /** Who holds the port that the stack publishes. */
  holder: string | undefined;
  /** False: AWS gives no answer. */
  isAwsThere: boolean;
  /** The instance it is; without one it is a machine of its own. */
  instanceId: string | undefined;
  /** Milliseconds that were slept. */
  readonly clock: { now: number };
  publish(change?: {
    id?: string;
    compose?: string;
    template?: string;
    images?: typeof IMAGES;
    /** Further files of the stack archive, by path. */
    files?: Readonly<Record<string, string>>;
  }): void;
  boot(mode?: Mode, more?: Pick<Boot, "isForValues">): Promise<Booted>;
  /** Of the services named, of all without a name; gives their last lines too. */
  repair(...services: string[]): Promise<Repaired>;
  close(): void;
}

export interface Booted {
  readonly boot: Boot & Partial<Released & Fetched>;
  readonly code: number | undefined;
  readonly error: unknown;
  readonly events: readonly LogEvent[];
  readonly operations: readonly string[];
}

export interface Repaired {
  readonly operations: readonly string[];
  readonly lines: ReadonlyMap<string, string>;
  readonly error: unknown;
}

export function memoryNode(): MemoryNode {
  const root = mkdtempSync(join(tmpdir(), "greenleaf-node-"));
  const keys = newKeys();
  const write = (path: string, text: string) => {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  };
  write("etc/greenleaf/release.pub", keys.publicKey);
  const place = { release: `file://${root}/release.json`, region: "eu-west-3", endpoints: { imds: "none" } };
  const who = { version: 1, project: "greenleaf", environment: "prod", role: "app", parameters: "/greenleaf/prod" };
  write("etc/greenleaf/node.json", JSON.stringify({ ...who, ...place }));
  const engine = memoryEngine({ [IMAGES.backend]: IMAGES.backend, [IMAGES.caddy]: IMAGES.caddy });
  const node: MemoryNode = {
    root,
    engine,
    parameters: new Map([
      ["/greenleaf/prod/shop/title", "GreenLeaf"],
      ["/greenleaf/prod/shop/publishable_key", "pk_0"],
    ]),
    secrets: new Map([["greenleaf/prod/api", "a-secret-of-the-shop"]]),
    recorded: true,
    authorities: [],
    holder: undefined,
    isAwsThere: true,
    instanceId: undefined,
    clock: { now: 0 },
    publish: ({ id = "one", compose = COMPOSE, template = TEMPLATE, images = IMAGES, files = {} } = {}) => {
      const stack = archived(root, {
        "docker-compose.yml": compose,
        "env/backend.env.hbs": template,
        "env/caddy.env.hbs": FRONT_TEMPLATE,
        ...files,
      });
      const unsigned = { id, created: "2026-05-01T10:00:00Z", images, stack, migrations: "m".repeat(20) };
      write("release.json", JSON.stringify(signRelease(unsigned, keys.privateKey)));
    },
    repair: (...services) => repaired(worldOf(node), services),
    boot: (mode = "apply", more = {}) => booted(worldOf(node), mode, more),
    close: () => rmSync(root, { recursive: true, force: true }),
  };
  return node;
}

async function booted(world: World, mode: Mode, more: Pick<Boot, "isForValues">): Promise<Booted> {
  const events: LogEvent[] = [];
  const log = { emit: (event: LogEvent) => void events.push(event) };
  const boot: Boot = { world, log, mode, operations: [], results: [], ...more };
  const outcome = await reported(boot, () => runPhases(boot, PHASES.app)).then(
    (code) => ({ code, error: undefined }),
    (error: unknown) => ({ code: undefined, error }),
  );
  return { boot, ...outcome, events, operations: boot.operations.map(({ name }) => name) };
}

async function repaired(world: World, services: readonly string[]): Promise<Repaired> {
  const boot: Boot = { world, log: { emit: () => undefined }, mode: "apply", operations: [], results: [] };
  const lines = new Map<string, string>();
  const phases = await repairPhases(world, { services, lines });
  const error = await runPhases(boot, phases).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  return { operations: boot.operations.map(({ name, why }) => `${name} (${why})`), lines, error };
}

function worldOf(node: MemoryNode): World {
  const { clock } = node;
  return {
    ...realWorld({ root: node.root }),
    engine: node.engine,
    aws: () => awsOf(node),
    ...(node.instanceId === undefined ? {} : instanceOf(node.instanceId)),
    ports: { holderOf: async () => node.holder },
    database: {
      records: async (_migrations, { ca }) => {
        node.authorities.push(ca);
        return done(node.recorded);
      },
    },
    random: () => 0.5,
    clock: {
      now: () => clock.now,
      date: () => new Date(Date.parse("2026-05-02T00:00:00Z") + clock.now),
      sleep: async (ms) => void (clock.now += ms),
      alarm: () => () => undefined,
    },
  };
}

function instanceOf(instanceId: string): Pick<World, "imds" | "autoScaling"> {
  const place = { availabilityZone: "eu-west-3a", instanceType: "t3.medium", region: "eu-west-3" };
  const identity = JSON.stringify({ instanceId, accountId: "123456789012", ...place });
  return {
    imds: () => ({ read: async () => done(identity) }),
    autoScaling: () => ({ membership: async () => undefined, complete: async () => ({ done: true }) }),
  };
}

function awsOf(node: MemoryNode): Aws {
  const answer = <T>(give: () => T): Promise<ProbeResult<T>> =>
    Promise.resolve(node.isAwsThere ? done(give()) : pending("no route to AWS"));
  const found = <T>(names: readonly string[], from: ReadonlyMap<string, string>, as: (text: string) => T) =>
    new Map(names.flatMap((name) => (from.has(name) ? [[name, as(from.get(name) ?? "")] as const] : [])));
  return {
    versionOf: (name) => {
      const text = node.parameters.get(name) ?? node.secrets.get(name);
      return text === undefined ? "" : sha256(text).slice(0, 8);
    },
    parameters: {
      get: (names) => answer(() => found(names, node.parameters, String)),
      put: (name, value) => answer(() => void node.parameters.set(name, String(value))),
    },
    secrets: { get: (ids) => answer(() => found(ids, node.secrets, (text) => new Secret(text))) },
    objects: {
      get: () => Promise.reject(new TemporaryError("unused", { code: "engine.away", why: "a test", fix: "none" })),
    },
    registries: {
      login: () => Promise.reject(new TemporaryError("unused", { code: "engine.away", why: "a test", fix: "none" })),
    },
  };
}

function archived(root: string, files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(root, "packing-"));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
  const archive = `${folder}.tar.gz`;
  execFileSync("tar", ["--mtime=@0", "--owner=0", "--group=0", "-czf", archive, "-C", folder, ...Object.keys(files)]);
  return { uri: `file://${archive}`, sha256: createHash("sha256").update(readFileSync(archive)).digest("hex") };
}

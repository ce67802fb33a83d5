import { gunzipSync, gzipSync } from "node:zlib";
import { sha256 } from "../../../node-agent/src/base/digest.ts";
import { Secret } from "../../../node-agent/src/base/secret.ts";
import { done, pending } from "../../../node-agent/src/base/wait.ts";
import type { World } from "../../../node-agent/src/world.ts";
import { SimulatedClock } from "./clock.ts";
import { fakeCompose } from "./compose.ts";
import { MemoryEngine } from "./engine.ts";
import { memoryFiles } from "./files.ts";

/** A machine, its engine and its AWS in one process: everything answers at once, and time is simulated. */
export interface Simulated {
  readonly world: World;
  readonly clock: SimulatedClock;
  readonly engine: MemoryEngine;
  readonly files: Map<string, string>;
  readonly parameters: Map<string, string | Secret>;
}

const ECR = "123456789012.dkr.ecr.eu-west-3.amazonaws.com/greenleaf";
const IMAGE = (name: string, digit: string) => `${ECR}/${name}@sha256:${digit.repeat(64)}`;

const STACK = `
services:
  backend:
    image: \${GREENLEAF_IMAGE_BACKEND}
    env_file: ["\${GREENLEAF_RUN}/backend.env"]
    volumes: ["data:/data"]
    healthcheck: { test: ["CMD", "check"] }
  caddy:
    image: \${GREENLEAF_IMAGE_CADDY}
    ports: ["8080:8080"]
    env_file: ["\${GREENLEAF_RUN}/caddy.env"]
    depends_on: { backend: { condition: service_healthy, restart: true } }
    healthcheck: { test: ["CMD", "check"] }
  storefront:
    image: \${GREENLEAF_IMAGE_BACKEND}
    env_file: ["\${GREENLEAF_RUN}/backend.env"]
    healthcheck: { test: ["CMD", "check"] }
    deploy: { update_config: { order: start-first } }
volumes: { data: {} }
`;
const TEMPLATE = `# greenleaf: reader=compose
DATABASE_URL=postgres://shop:{{urlencode (secret "db#password")}}@db.example.test:5432/medusa
TITLE={{ssm "shop/title"}}
`;
// Waits for what the first run makes.
const LATER = `# greenleaf: reader=compose
KEY={{ssm "shop/publishable_key" from="first-run"}}
`;

const NODE = { version: 1, project: "greenleaf", environment: "test", parameters: "/greenleaf/test" };
const INSTANCE = {
  instanceId: "i-1",
  availabilityZone: "eu-west-3a",
  instanceType: "t4g.small",
  accountId: "123456789012",
  region: "eu-west-3",
};

/** `local` is a node as `up` makes it: its release is a file, and it has no metadata service. */
export function simulated(kind: "app" | "local" | "router"): Simulated {
  const isLocal = kind === "local";
  const role = kind === "router" ? "router" : "app";
  const clock = new SimulatedClock();
  const engine = new MemoryEngine();
  const archive = gzipSync(
    tarOf({ "docker-compose.yml": STACK, "env/backend.env.hbs": TEMPLATE, "env/caddy.env.hbs": LATER }),
  );
  const release = {
    id: "one",
    created: "2025-12-01T10:00:00Z",
    images: { backend: IMAGE("backend", "a"), caddy: IMAGE("caddy", "b") },
    stack: { uri: isLocal ? "file:///one.tar.gz" : "s3://bucket/one.tar.gz", sha256: sha256(archive) },
    migrations: "m1",
    signature: `${"A".repeat(86)}==`,
  };
  const parameters = new Map<string, string | Secret>([
    ["/greenleaf/test/release", JSON.stringify(release)],
    ["/greenleaf/test/shop/title", "GreenLeaf"],
  ]);
  const document = {
    ...NODE,
    role,
    release: isLocal ? "file:///release.json" : "ssm:/greenleaf/test/release",
    ...(isLocal ? { region: "eu-west-3", endpoints: { imds: "none" } } : {}),
    ...(role === "router" ? { router: ROUTER } : {}),
  };
  const files = new Map([
    ["/etc/greenleaf/node.json", JSON.stringify(document)],
    ["/etc/greenleaf/release.pub", "a key"],
  ]);
  const published = new Map<string, Uint8Array>([
    ["/release.json", new TextEncoder().encode(JSON.stringify(release))],
    ["/one.tar.gz", archive],
  ]);
  const world = {
    ...machine(files, published),
    ...cloud(parameters, archive),
    clock,
    engine,
    random: () => 0.5,
  } as unknown as World;
  return { world, clock, engine, files, parameters };
}

const ROUTER = {
  vpc: ["10.0.0.0/16"],
  zones: [{ name: "a", sources: ["10.0.10.0/24"], interface: "eni-1", mac: "02:00:00:00:00:01" }],
  probes: ["192.0.2.1:443"],
};

function machine(contents: Map<string, string>, published: ReadonlyMap<string, Uint8Array>): Partial<World> {
  const files = memoryFiles(contents);
  let looks = 0;
  return {
    files,
    digest: sha256,
    isSignedBy: () => true,
    lock: async () => ({ held: true, release: async () => undefined }),
    ports: { holderOf: async () => undefined },
    database: { records: async () => done(false) },
    releaseFiles: {
      read: async (path) => published.get(path),
      expand: async (bytes) => gunzipSync(bytes),
      place: async (folder, placed) => {
        for (const [path, content] of placed) contents.set(`${folder}/${path}`, new TextDecoder().decode(content));
      },
    },
    compose: fakeCompose,
    manifests: { read: async () => pending("no registry here") },
    exec: async () => ({ code: 0, stdout: "Avail\n1000000000\n", stderr: "" }),
    links: {
      // The interface comes a moment after it is attached.
      observe: async () => ({
        links: (looks += 1) > 2 ? [LINK] : [],
        rules: [],
        defaults: { main: { device: "ens5", gateway: "10.0.1.1" } },
      }),
      outline: async () => "",
      statistics: async () => "",
      ip: async () => undefined,
    },
    barriers: {
      observe: async (devices) => new Map(devices.map((device) => [device, { hasHook: false, hasForeign: false }])),
      outline: async () => "",
      put: async () => undefined,
      remove: async () => undefined,
    },
    iptables: {
      save: async () => "",
      isTold: async () => false,
      writers: async () => [],
      counters: async () => "",
      restore: async () => undefined,
      blocking: async () => [],
      deleteTable: async () => undefined,
      programs: async () => ({ ipv4Restore: "/usr/sbin/iptables-restore", ipv6Restore: "/usr/sbin/ip6tables-restore" }),
    },
    sysctl: {
      read: async () => new Map([["net.ipv4.ip_forward", { value: "1", writable: true }]]),
      write: async () => undefined,
      memoryBytes: () => 512 * 1024 * 1024,
      availableBytes: () => 512 * 1024 * 1024,
    },
    conntrack: {
      list: async () => [],
      forgetUntranslated: async () => 0,
      load: async () => 0,
      forget: async () => undefined,
      translated: async () => 0,
      counters: async () => ({}),
    },
    networkEvents: { follow: async () => undefined },
    lateFlows: {
      stands: async () => undefined,
      put: async () => undefined,
      tell: async () => undefined,
      remove: async () => undefined,
    },
    probe: async (target) => ({ target, ms: 1 }),
  };
}

const LINK = { name: "ens6", mac: "02:00:00:00:00:01", isUp: true, mtu: 9001, addresses: ["10.0.1.10/24"] };

function cloud(parameters: Map<string, string | Secret>, archive: Uint8Array): Partial<World> {
  const auth = { username: "AWS", password: new Secret("token") };
  return {
    imds: (where) => (where === "none" ? undefined : { read: async () => done(JSON.stringify(INSTANCE)) }),
    autoScaling: () => ({
      membership: async () => ({ group: "app", state: "Pending:Wait" }),
      complete: async () => ({ done: true }),
    }),
    aws: () => ({
      versionOf: () => "1",
      parameters: {
        get: async (names) => done(new Map([...parameters].filter(([name]) => names.includes(name)))),
        put: async (name, value) => done(void parameters.set(name, value)),
      },
      secrets: {
        get: async (ids) => done(new Map(ids.map((id) => [id, new Secret('{"password":"a long enough one"}')]))),
      },
      objects: { get: async () => done(archive) },
      registries: { login: async () => done(auth) },
    }),
    ec2: () => ({
      routeOwner: async () => "eni-1",
      replaceRoute: async () => undefined,
      associateAddress: async () => undefined,
      assignPrivateAddress: async () => undefined,
      attachInterface: async () => done(undefined),
      disableSourceCheck: async () => undefined,
    }),
  };
}

/** ustar, as small as it can be. */
function tarOf(files: Readonly<Record<string, string>>): Buffer {
  const blocks = Object.entries(files).flatMap(([name, text]) => {
    const header = Buffer.alloc(512);
    const content = Buffer.from(text);
    header.write(name, 0);
    header.write("0000644\0", 100);
    header.write("0000000\0", 108);
    header.write("0000000\0", 116);
    header.write(`${content.length.toString(8).padStart(11, "0")}\0`, 124);
    header.write("00000000000\0", 136);
    header.write("        0ustar\x0000", 148);
    const sum = header.reduce((total, byte) => total + byte, 0);
    header.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
    return [header, content, Buffer.alloc((512 - (content.length % 512)) % 512)];
  });
  return Buffer.concat([...blocks, Buffer.alloc(1024)]);
}

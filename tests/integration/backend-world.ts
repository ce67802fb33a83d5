import { execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PassThrough } from "node:stream";
import Docker from "dockerode";
import { GenericContainer, type StartedTestContainer, Wait } from "testcontainers";
import { ensureCertificates } from "../../scripts/local/certificates.ts";
import { reaper } from "../support/reaper.ts";

/** Images under test; all of them must be there already (`./greenleaf images`), nothing is pulled. */
const images = {
  backend: process.env["GREENLEAF_TEST_BACKEND"] ?? "greenleaf/backend:local",
  postgres: "greenleaf/postgres:local",
  valkey: "greenleaf/valkey:local",
};

export const backendImage = images.backend;

const passwords = { database: "db-canary-5Zt", redis: "redis-canary-9Qk", admin: "admin-canary-7Wm" };
export const adminEmail = "admin@shop.example";
export const adminPassword = passwords.admin;

/** A finished job: what it said and how it ended. */
export type JobEnd = { exitCode: number; stdout: string; stderr: string };

type Job = { args?: string[]; env: Record<string, string>; entrypoint?: string[]; killAfterMs?: number };

/** PostgreSQL and Valkey on one network, as a node finds them, and what starts backends beside them. */
export type BackendWorld = {
  postgres: StartedTestContainer;
  valkey: StartedTestContainer;
  /** The environment of a healthy backend. */
  env: Record<string, string>;
  databasePassword: string;
  ca: string;
  /** A CA that vouches for nothing here. */
  strangerCa: string;
  /** Where containers of this world reach this process. */
  gateway: string;
  run(job: Job): Promise<JobEnd>;
  backend(env: Record<string, string>, options?: { readOnly: boolean }): Promise<Backend>;
  /** Runs `during` while Valkey does not answer. */
  valkeyAway(during: () => Promise<void>): Promise<void>;
  /** All that a backend wrote so far. */
  log(backend: Backend): string;
  close(): Promise<void>;
};

/** One running backend, the URL it answers on, and its container. */
export type Backend = { url: string; container: StartedTestContainer };

class SealedContainer extends GenericContainer {
  /** As compose/docker-compose.yml runs it; testcontainers has no word of its own for a read-only root. */
  sealed(): this {
    this.hostConfig.ReadonlyRootfs = true;
    return this.withDroppedCapabilities("ALL").withSecurityOpt("no-new-privileges:true");
  }
}

export async function backendWorld(name: string): Promise<BackendWorld> {
  const label = `greenleaf.test=${name}-${process.pid}`;
  const labels = { "greenleaf.test": `${name}-${process.pid}` };
  const reap = reaper(label);
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-backend-"));
  const docker = new Docker();
  await refuseToPull(docker);
  const { name: network, gateway } = await createNetwork(docker, labels);
  const ca = await ensureCertificates(join(folder, "tls"), ["postgres", "valkey"]);
  const strangerCa = await ensureCertificates(join(folder, "stranger"), []);
  const tls = (server: string) => [
    { source: join(folder, "tls", server), target: "/etc/greenleaf/tls", mode: "ro" as const },
  ];
  const server = (image: string, ...aliases: string[]) =>
    new GenericContainer(image)
      .withNetworkMode(network)
      .withNetworkAliases(...aliases)
      .withLabels(labels)
      .withStartupTimeout(120_000);
  const [postgres, valkey] = await Promise.all([
    server(images.postgres, "postgres", "impostor")
      .withEnvironment({ POSTGRES_PASSWORD: passwords.database })
      .withBindMounts(tls("postgres"))
      .withExposedPorts(5432)
      .withWaitStrategy(Wait.forHealthCheck())
      .start(),
    server(images.valkey, "valkey")
      .withEnvironment({ VALKEY_PASSWORD: passwords.redis })
      .withBindMounts(tls("valkey"))
      .withExposedPorts(6379)
      .withWaitStrategy(Wait.forHealthCheck())
      .start(),
  ]);
  const env = environment(ca);
  return {
    postgres,
    valkey,
    env,
    databasePassword: passwords.database,
    ca,
    strangerCa,
    gateway,
    run: (job) => runJob(docker, { network, labels, ...job }),
    backend: (own, options) =>
      startBackend({ network, labels, env: { ...env, ...own }, readOnly: options?.readOnly ?? true }),
    async valkeyAway(during) {
      const container = docker.getContainer(valkey.getId());
      await container.pause();
      try {
        await during();
      } finally {
        await container.unpause();
      }
    },
    log: ({ container }) => execFileSync("docker", ["logs", container.getId()], { encoding: "utf8", maxBuffer: 64e6 }),
    async close() {
      await reap.finish();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function environment(ca: string): Record<string, string> {
  return {
    DATABASE_URL: `postgres://medusa:${passwords.database}@postgres:5432/medusa`,
    DATABASE_CA_CERT: ca,
    REDIS_URL: `rediss://default:${passwords.redis}@valkey:6379`,
    REDIS_CA_CERT: ca,
    JWT_SECRET: "jwt-canary-jwt-canary-jwt-canary-1",
    COOKIE_SECRET: "cookie-canary-cookie-canary-cooki-2",
    STORE_CORS: "https://shop.example",
    ADMIN_CORS: "https://shop.example",
    AUTH_CORS: "https://shop.example",
    S3_ENDPOINT: "http://aws:4566",
    S3_REGION: "auto",
    S3_BUCKET: "media",
    S3_PRIVATE_BUCKET: "exports",
    S3_ACCESS_KEY_ID: "key-canary-3Vb",
    S3_SECRET_ACCESS_KEY: "s3-canary-8Xr",
    S3_FILE_URL: "https://media.shop.example",
    MEDUSA_WORKER_MODE: "shared",
    SHOP_TITLE: "Test shop",
    SHOP_CURRENCY: "eur",
    SHOP_COUNTRIES: "fr,de",
    SHOP_TAX_RATE: "20",
    ADMIN_EMAIL: adminEmail,
    ADMIN_PASSWORD: passwords.admin,
  };
}

/** testcontainers would pull an image that is not there; ours exist nowhere else. */
async function refuseToPull(docker: Docker): Promise<void> {
  const tags = new Set((await docker.listImages()).flatMap(({ RepoTags }) => RepoTags ?? []));
  const missing = Object.values(images).filter((image) => !tags.has(image));
  if (missing.length > 0) throw new Error(`${missing.join(" and ")} must be built first: ./greenleaf images`);
}

/** testcontainers gives a network no labels of ours, and the reaper finds things by them. */
async function createNetwork(
  docker: Docker,
  labels: Record<string, string>,
): Promise<{ name: string; gateway: string }> {
  const name = `greenleaf-test-${labels["greenleaf.test"]}`;
  const network = await docker.createNetwork({ Name: name, Labels: labels, CheckDuplicate: true });
  const { IPAM } = await network.inspect();
  const gateway = IPAM?.Config?.[0]?.Gateway;
  if (gateway === undefined) throw new Error(`the network ${name} has no gateway`);
  return { name, gateway };
}

type Placed = { network: string; labels: Record<string, string>; env: Record<string, string> };

async function startBackend({ network, labels, env, readOnly }: Placed & { readOnly: boolean }): Promise<Backend> {
  const plain = new SealedContainer(images.backend);
  const container = await (readOnly ? plain.sealed() : plain)
    .withNetworkMode(network)
    .withLabels(labels)
    .withEnvironment(env)
    .withTmpFs({ "/tmp": "mode=1777,size=64m" })
    .withExposedPorts(9000)
    .withWaitStrategy(Wait.forHttp("/readyz", 9000).forStatusCode(200))
    .withStartupTimeout(120_000)
    .start();
  return { url: `http://${container.getHost()}:${container.getMappedPort(9000)}`, container };
}

/** Runs one container of the backend's image to its end. */
async function runJob(
  docker: Docker,
  { network, labels, args, env, entrypoint, killAfterMs }: Placed & Job,
): Promise<JobEnd> {
  const container = await docker.createContainer({
    Image: images.backend,
    Labels: labels,
    ...(args ? { Cmd: args } : {}),
    ...(entrypoint ? { Entrypoint: entrypoint } : {}),
    Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
    HostConfig: { NetworkMode: network, ReadonlyRootfs: true, Tmpfs: { "/tmp": "mode=1777" } },
  });
  try {
    const [stdout, stderr] = [new PassThrough(), new PassThrough()];
    const said = Promise.all([textOf(stdout), textOf(stderr)]);
    const stream = await container.attach({ stream: true, stdout: true, stderr: true });
    container.modem.demuxStream(stream, stdout, stderr);
    stream.on("end", () => [stdout, stderr].forEach((each) => each.end()));
    await container.start();
    const kill = killAfterMs === undefined ? undefined : setTimeout(() => void container.kill(), killAfterMs);
    const { StatusCode } = await container.wait();
    clearTimeout(kill);
    const [out, err] = await said;
    return { exitCode: StatusCode, stdout: out, stderr: err };
  } finally {
    await container.remove({ force: true, v: true });
  }
}

async function textOf(stream: PassThrough): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

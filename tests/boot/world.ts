import { spawn } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { systemClock } from "../../node-agent/src/adapters/clock.ts";
import { signRelease } from "../../node-agent/src/adapters/release-signature.ts";
import { parseRelease, type Release } from "../../node-agent/src/core/release.ts";
import { done, notYet, until } from "../../node-agent/src/core/retry.ts";
import { SIGNING_KEY } from "../../scripts/bootstrap/parameters.ts";
import { ensureCertificates } from "../../scripts/local/certificates.ts";
import { startMoto } from "../aws/moto.ts";
import { openStandIn, type StandIn } from "../aws/stand-in.ts";
import { prefixReaper } from "../support/reaper.ts";
import { docker, registryImage } from "./machine-images.ts";
import { type RegistryFront, startRegistryFront } from "./registry-front.ts";
import { startResolver } from "./resolver.ts";

export const ENVIRONMENT = "dev";
export const ECR = "123456789012.dkr.ecr.eu-west-3.amazonaws.com";
const REPOSITORY = join(import.meta.dirname, "..", "..");
/** Kept from run to run, so that what has not changed is not pushed again. */
const REGISTRY_VOLUME = "greenleaf-test-registry";

/** An AWS account with one environment's data services, a registry and a release; instances come on top. */
export interface World {
  readonly name: string;
  readonly network: string;
  /** This machine, as instances see it. */
  readonly gateway: string;
  readonly standIn: StandIn;
  readonly registry: RegistryFront;
  readonly folder: string;
  /** The authority of the registry's and the databases' certificates (PEM). */
  readonly authority: string;
  /** The AWS API, as instances see it. */
  readonly aws: string;
  /** The VPC's resolver, as instances see it. */
  readonly resolver: string;
  /** Addresses of what the VPC's resolver would know. */
  readonly hosts: Readonly<Record<string, string>>;
  readonly publicKey: string;
  parameter(name: string): Promise<string | undefined>;
  setParameter(name: string, value: string): Promise<void>;
  release(): Promise<Release>;
  /** Publishes the environment's release under another id, perhaps with other images; gives its document. */
  republish(id: string, change?: (images: Images) => Images): Promise<string>;
  /** Runs ./greenleaf as an operator does. */
  greenleaf(...args: string[]): Promise<Ended>;
  close(): Promise<void>;
}

type Images = Record<string, string>;

export interface Ended {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

export async function bootWorld(kind: string): Promise<World> {
  const name = `greenleaf-boot-${kind}-${process.pid}`;
  const reaper = prefixReaper(name);
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-boot-"));
  const moto = await startMoto();
  if ("missing" in moto) throw new Error(moto.missing);
  docker("network", "create", name);
  const gateway = docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", name);
  const standIn = await openStandIn(moto.url, { host: gateway });
  const authority = await ensureCertificates(join(folder, "tls"), [hostOf("postgres"), hostOf("valkey"), ECR]);
  const registry = await startRegistry({ name, folder, gateway, standIn });
  standIn.fleet.registry = registry.url;
  const greenleaf = (...args: string[]) => operator(standIn.url, args);
  mkdirSync(join(folder, "terraform"));
  await expectDone(greenleaf("bootstrap", "--terraform", join(folder, "terraform")));
  const addresses = await startData({ name, folder, standIn });
  const resolver = await startResolver(gateway, addresses);
  const ssm = new SSMClient(settings(standIn));
  const s3 = new S3Client({ ...settings(standIn), forcePathStyle: true });
  const world: World = {
    name,
    network: name,
    gateway,
    standIn,
    registry,
    folder,
    authority,
    aws: standIn.url,
    resolver: gateway,
    hosts: { [ECR]: gateway },
    publicKey: readPublicKey(folder),
    greenleaf,
    parameter: async (Name) =>
      (await ssm.send(new GetParameterCommand({ Name })).catch(() => undefined))?.Parameter?.Value,
    setParameter: async (Name, Value) =>
      void (await ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }))),
    release: async () =>
      parseRelease((await world.parameter(`/greenleaf/${ENVIRONMENT}/release`)) ?? "", "the parameter"),
    republish: async (id, change = (images) => images) => {
      const { signature: _, ...release } = await world.release();
      const key = (await ssm.send(new GetParameterCommand({ Name: SIGNING_KEY, WithDecryption: true }))).Parameter;
      const Body = JSON.stringify(signRelease({ ...release, id, images: change(release.images) }, key?.Value ?? ""));
      const Bucket = new URL(release.stack.uri).host;
      await s3.send(new PutObjectCommand({ Bucket, Key: `release/${id}.json`, Body }));
      return Body;
    },
    close: async () => {
      resolver.close();
      await Promise.all([standIn.close(), registry.close()]);
      await moto.stop();
      await reaper.finish();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await seed(world);
  return world;
}

const settings = ({ url }: StandIn) => ({
  endpoint: url,
  region: "eu-west-3",
  credentials: { accessKeyId: "operator", secretAccessKey: "operator" },
});

function readPublicKey(folder: string): string {
  const written = readFileSync(join(folder, "terraform/bootstrap.auto.tfvars.json"), "utf8");
  return (JSON.parse(written) as { release_public_key: string }).release_public_key;
}

/** What Terraform would write for this environment (terraform/modules/secrets/parameters.tf). */
async function seed(world: World): Promise<void> {
  const parameters: Readonly<Record<string, string>> = {
    "db/host": hostOf("postgres"),
    "db/ca": world.authority,
    "redis/host": hostOf("valkey"),
    "redis/ca": world.authority,
    "media/endpoint": world.standIn.url,
    "media/bucket": "greenleaf-media",
    "media/private_bucket": "greenleaf-private",
    "media/url": "https://media.dev.greenleaf.com",
    "shop/url": "https://dev.greenleaf.com",
    "backend/cors": "https://dev.greenleaf.com",
  };
  for (const [name, value] of Object.entries(parameters))
    await world.setParameter(`/greenleaf/${ENVIRONMENT}/${name}`, value);
}

/** With dots, as RDS names its databases: an engine asks nobody else for a name without. */
export const hostOf = (kind: string): string => `${kind}.${ENVIRONMENT}.internal`;

export const addressOf = (container: string): string =>
  docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container);

/** Debian's own asks for a password of its own; ours is the front's. */
const REGISTRY_CONFIG = `version: 0.1
log: { level: warn }
storage: { filesystem: { rootdirectory: /var/lib/docker-registry } }
http: { addr: ":5000" }
`;

interface Starting {
  readonly name: string;
  readonly folder: string;
  readonly standIn: StandIn;
}

/** RDS and ElastiCache, with the passwords that bootstrap made. Gives their addresses. */
async function startData({ name, folder, standIn }: Starting): Promise<ReadonlyMap<string, string>> {
  const secrets = new SecretsManagerClient(settings(standIn));
  const secret = async (id: string) => {
    const { SecretString = "{}" } = await secrets.send(
      new GetSecretValueCommand({ SecretId: `greenleaf/${ENVIRONMENT}/${id}` }),
    );
    return JSON.parse(SecretString) as Record<string, string>;
  };
  const [db, redis] = [await secret("db"), await secret("redis")];
  const start = (kind: string, env: Readonly<Record<string, string>>) => {
    const variables = Object.entries(env).flatMap(([key, value]) => ["--env", `${key}=${value}`]);
    const tls = `${join(folder, "tls", hostOf(kind))}:/etc/greenleaf/tls:ro`;
    const container = `${name}-${kind}`;
    docker(
      ["run", "--detach", "--name", container, "--network", name, "--network-alias", hostOf(kind)],
      ["--volume", tls, ...variables, `greenleaf/${kind}:local`],
    );
    return container;
  };
  const username = db.username ?? "";
  const postgres = start("postgres", {
    POSTGRES_USER: username,
    POSTGRES_PASSWORD: db.password ?? "",
    POSTGRES_DB: "medusa",
  });
  const valkey = start("valkey", { VALKEY_PASSWORD: redis.password ?? "" });
  await Promise.all([postgres, valkey].map(healthy));
  return new Map([
    [hostOf("postgres"), addressOf(postgres)],
    [hostOf("valkey"), addressOf(valkey)],
  ]);
}

async function startRegistry({
  name,
  folder,
  gateway,
  standIn,
}: Starting & { gateway: string }): Promise<RegistryFront> {
  writeFileSync(join(folder, "registry.yml"), REGISTRY_CONFIG);
  docker(
    ["run", "--detach", "--name", `${name}-registry`, "--publish", "127.0.0.1::5000"],
    ["--volume", `${REGISTRY_VOLUME}:/var/lib/docker-registry`],
    ["--volume", `${join(folder, "registry.yml")}:/etc/docker/registry/config.yml:ro`, registryImage()],
  );
  const published = docker("port", `${name}-registry`, "5000/tcp").split("\n")[0] ?? "";
  const upstream = `http://${published}`;
  const wait = { what: "the registry", withinMs: 30_000, everyMs: 100, fix: `docker logs ${name}-registry` };
  await until(systemClock, wait, async () => {
    const answer = await fetch(`${upstream}/v2/`).catch(() => undefined);
    return answer?.ok ? done(undefined) : notYet(`HTTP ${answer?.status ?? "none"}`);
  });
  const at = (file: string) => readFileSync(join(folder, "tls", ECR, file), "utf8");
  const isGood = (password: string) => standIn.fleet.tokens.has(password);
  return startRegistryFront({ upstream, host: gateway, key: at("server.key"), cert: at("server.crt"), isGood });
}

async function healthy(container: string): Promise<void> {
  const wait = { what: container, withinMs: 60_000, everyMs: 300, fix: `docker logs ${container}` };
  await until(systemClock, wait, async () => {
    const health = docker("inspect", "--format", "{{.State.Health.Status}}", container);
    return health === "healthy" ? done(undefined) : notYet(health);
  });
}

function operator(endpoint: string, args: readonly string[]): Promise<Ended> {
  const env = {
    ...process.env,
    AWS_ACCESS_KEY_ID: "operator",
    AWS_SECRET_ACCESS_KEY: "operator",
    AWS_REGION: "eu-west-3",
    AWS_ENDPOINT_URL: endpoint,
    GREENLEAF_POLL_MS: "500",
  };
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [join(REPOSITORY, "scripts/greenleaf.ts"), ...args], { env });
    const told = { stdout: "", stderr: "" };
    for (const stream of ["stdout", "stderr"] as const)
      child[stream].setEncoding("utf8").on("data", (text: string) => void (told[stream] += text));
    child.on("error", reject).on("close", (code) => resolve({ code: code ?? -1, ...told }));
  });
}

export async function expectDone(ending: Promise<Ended>): Promise<Ended> {
  const ended = await ending;
  if (ended.code !== 0) throw new Error(`it ended with ${ended.code}: ${ended.stderr}`);
  return ended;
}

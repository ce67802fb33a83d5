import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { DeleteParametersCommand, GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { signRelease } from "../../node-agent/src/adapters/machine/release-signature.ts";
import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";
import { parseRelease, type Release } from "../../node-agent/src/core/stack/release.ts";
import { SIGNING_KEY } from "../../scripts/bootstrap/parameters.ts";
import { ensureCertificates } from "../../scripts/local/certificates.ts";
import { openStandIn, type StandIn } from "../aws/stand-in.ts";
import { prefixReaper } from "../support/reaper.ts";
import { type Account, accountOfRun, ENVIRONMENT, RELEASE, settings } from "./account.ts";
import { docker } from "./machine-images.ts";
import { type Ended, operator } from "./operator.ts";
import { type RegistryFront, startRegistryFront } from "./registry-front.ts";
import { startResolver } from "./resolver.ts";

export { ENVIRONMENT } from "./account.ts";
export { expectDone } from "./operator.ts";
export const ECR = "123456789012.dkr.ecr.eu-west-3.amazonaws.com";

/** The account of this run, with data services of its own; instances come on top. */
export interface World extends Pick<Account, "publicKey" | "scripts"> {
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

export async function bootWorld(kind: string): Promise<World> {
  const name = `greenleaf-boot-${kind}-${process.pid}`;
  const reaper = prefixReaper(name);
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-boot-"));
  const { account, close } = await accountOfRun();
  docker("network", "create", name);
  const gateway = docker("network", "inspect", "--format", "{{(index .IPAM.Config 0).Gateway}}", name);
  const standIn = await openStandIn(account.moto, { host: gateway });
  const authority = await ensureCertificates(join(folder, "tls"), [hostOf("postgres"), hostOf("valkey"), ECR]);
  const registry = await startFront(account, { folder, gateway, standIn });
  standIn.fleet.registry = registry.url;
  const addresses = await startData({ name, folder, standIn });
  const resolver = await startResolver(gateway, addresses);
  const ssm = new SSMClient(settings(standIn.url));
  const s3 = new S3Client({ ...settings(standIn.url), forcePathStyle: true });
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
    publicKey: account.publicKey,
    scripts: account.scripts,
    greenleaf: (...args) => operator(standIn.url, args),
    parameter: async (Name) =>
      (await ssm.send(new GetParameterCommand({ Name })).catch(() => undefined))?.Parameter?.Value,
    setParameter: async (Name, Value) =>
      void (await ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }))),
    release: async () => parseRelease((await world.parameter(RELEASE)) ?? "", "the parameter"),
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
      await reaper.finish();
      await close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await seed(world, account);
  // What another file of this run left.
  const left = ["previous", "shop/publishable_key"].map((name) => `/greenleaf/${ENVIRONMENT}/${name}`);
  await ssm.send(new DeleteParametersCommand({ Names: left }));
  return world;
}

/** What Terraform would write for this environment (terraform/modules/secrets/parameters.tf). */
async function seed(world: World, { release }: Account): Promise<void> {
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
    ...(release === undefined ? {} : { release }),
  };
  for (const [name, value] of Object.entries(parameters))
    await world.setParameter(`/greenleaf/${ENVIRONMENT}/${name}`, value);
}

/** With dots, as RDS names its databases: an engine asks nobody else for a name without. */
export const hostOf = (kind: string): string => `${kind}.${ENVIRONMENT}.internal`;

export const addressOf = (container: string): string =>
  docker("inspect", "--format", "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}", container);

interface Starting {
  readonly name: string;
  readonly folder: string;
  readonly standIn: StandIn;
}

/** RDS and ElastiCache, with the passwords that bootstrap made. Gives their addresses. */
async function startData({ name, folder, standIn }: Starting): Promise<ReadonlyMap<string, string>> {
  const secrets = new SecretsManagerClient(settings(standIn.url));
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

/** Amazon's registry, as instances and publishers reach it. */
function startFront(
  { registry }: Account,
  { folder, gateway, standIn }: Omit<Starting, "name"> & { gateway: string },
): Promise<RegistryFront> {
  const at = (file: string) => readFileSync(join(folder, "tls", ECR, file), "utf8");
  const instances = { host: gateway, key: at("server.key"), cert: at("server.crt") };
  const isGood = (password: string) => standIn.fleet.tokens.has(password);
  return startRegistryFront({ upstream: registry, instances, isGood });
}

async function healthy(container: string): Promise<void> {
  const wait = { what: container, withinMs: 60_000, everyMs: 300, fix: `docker logs ${container}` };
  await until(systemClock, wait, async () => {
    const health = docker("inspect", "--format", "{{.State.Health.Status}}", container);
    return health === "healthy" ? done(undefined) : pending(health);
  });
}

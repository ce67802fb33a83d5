import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { GetParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";
import type { Role } from "../../node-agent/src/core/config/node-document.ts";
import { startMoto } from "../aws/moto.ts";
import { openStandIn } from "../aws/stand-in.ts";
import { prefixReaper } from "../support/reaper.ts";
import { docker, instancesMissing, registryImage, SURROUNDING } from "./machine-images.ts";
import { expectDone, operator } from "./operator.ts";
import { plannedUserData } from "./planned-user-data.ts";
import { startRegistryFront } from "./registry-front.ts";

export const ENVIRONMENT = "dev";
export const RELEASE = `/greenleaf/${ENVIRONMENT}/release`;
/** Kept from run to run, so that what has not changed is not pushed again. */
const REGISTRY_VOLUME = "greenleaf-test-registry";
const VARIABLE = "GREENLEAF_BOOT_ACCOUNT";

/** An AWS account that was bootstrapped and got its first release: what the files of this suite share. */
export interface Account {
  /** Its API, without what moto lacks. */
  readonly moto: string;
  /** Debian's own registry, which asks for no token. */
  readonly registry: string;
  readonly publicKey: string;
  /** The release's document; undefined where its images are not built. */
  readonly release: string | undefined;
  /** user_data as planned, by role. */
  readonly scripts: Readonly<Record<Role, string>>;
}

/** The account of this run; one of its own for whoever has none. */
export async function accountOfRun(): Promise<{ account: Account; close: () => Promise<void> }> {
  const given = process.env[VARIABLE];
  if (given !== undefined) return { account: JSON.parse(given) as Account, close: async () => undefined };
  return openAccount();
}

/** Before the first file of the suite; a machine that cannot run it says so in each file. */
export async function setup(): Promise<() => Promise<void>> {
  if (instancesMissing(SURROUNDING) !== undefined) return async () => undefined;
  const { account, close } = await openAccount();
  process.env[VARIABLE] = JSON.stringify(account);
  return close;
}

async function openAccount(): Promise<{ account: Account; close: () => Promise<void> }> {
  const name = `greenleaf-boot-account-${process.pid}`;
  const reaper = prefixReaper(name);
  const folder = mkdtempSync(join(tmpdir(), "greenleaf-boot-account-"));
  const moto = await startMoto();
  if ("missing" in moto) throw new Error(moto.missing);
  const registry = await startRegistry(name, folder);
  const [published, scripts] = await Promise.all([
    publish({ moto: moto.url, registry, folder }),
    plannedUserData(ENVIRONMENT),
  ]);
  return {
    account: { moto: moto.url, registry, scripts, ...published },
    close: async () => {
      await moto.stop();
      await reaper.finish();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

interface Publishing {
  readonly moto: string;
  readonly registry: string;
  readonly folder: string;
}

/** What an operator does first: bootstrap, then a release. */
async function publish({ moto, registry, folder }: Publishing): Promise<Pick<Account, "publicKey" | "release">> {
  const standIn = await openStandIn(moto);
  const isGood = (password: string) => standIn.fleet.tokens.has(password);
  const front = await startRegistryFront({ upstream: registry, isGood });
  standIn.fleet.registry = front.url;
  try {
    const terraform = join(folder, "terraform");
    mkdirSync(terraform);
    await expectDone(operator(standIn.url, ["bootstrap", "--terraform", terraform]));
    const isBuilt = instancesMissing() === undefined;
    if (isBuilt) await expectDone(operator(standIn.url, ["release", "--env", ENVIRONMENT]));
    return { publicKey: readPublicKey(terraform), release: isBuilt ? await releaseAt(standIn.url) : undefined };
  } finally {
    await Promise.all([standIn.close(), front.close()]);
  }
}

async function releaseAt(url: string): Promise<string | undefined> {
  const ssm = new SSMClient(settings(url));
  return (await ssm.send(new GetParameterCommand({ Name: RELEASE }))).Parameter?.Value;
}

/** How the operator's own SDK reaches an AWS API. */
export const settings = (endpoint: string) => ({
  endpoint,
  region: "eu-west-3",
  credentials: { accessKeyId: "operator", secretAccessKey: "operator" },
});

function readPublicKey(terraform: string): string {
  const written = readFileSync(join(terraform, "bootstrap.auto.tfvars.json"), "utf8");
  return (JSON.parse(written) as { release_public_key: string }).release_public_key;
}

/** Debian's own asks for a password of its own; ours is the front's. */
const REGISTRY_CONFIG = `version: 0.1
log: { level: warn }
storage: { filesystem: { rootdirectory: /var/lib/docker-registry } }
http: { addr: ":5000" }
`;

/** Gives its URL on this machine. */
async function startRegistry(name: string, folder: string): Promise<string> {
  const container = `${name}-registry`;
  writeFileSync(join(folder, "registry.yml"), REGISTRY_CONFIG);
  docker(
    ["run", "--detach", "--name", container, "--publish", "127.0.0.1::5000"],
    ["--volume", `${REGISTRY_VOLUME}:/var/lib/docker-registry`],
    ["--volume", `${join(folder, "registry.yml")}:/etc/docker/registry/config.yml:ro`, registryImage()],
  );
  const published = docker("port", container, "5000/tcp").split("\n")[0] ?? "";
  const wait = { what: "the registry", withinMs: 30_000, everyMs: 100, fix: `docker logs ${container}` };
  await until(systemClock, wait, async () => {
    const answer = await fetch(`http://${published}/v2/`).catch(() => undefined);
    return answer?.ok ? done(undefined) : pending(`HTTP ${answer?.status ?? "none"}`);
  });
  return `http://${published}`;
}

import type { Credentials as AwsCredentials } from "../../../node-agent/src/adapters/aws/credentials.ts";
import { awsUrl, type LocalWorld, shopUrl } from "../world.ts";
import { ensureAwsCredentials } from "./aws-credentials.ts";
import type { Credentials } from "./credentials.ts";
import type { Mailbox } from "./mailbox.ts";

/** The path all parameters of a local world live under, and without its slash the prefix of its secrets. */
export const PARAMETERS = "/greenleaf/local";

/** The one parameter that is a secret. */
const MAIL_PASSWORD = "mail/password";

export const BUCKET = "greenleaf-media";
export const PRIVATE_BUCKET = "greenleaf-private";

interface LocalChoices {
  readonly authority: string;
  readonly mailbox: Mailbox;
  /** Sites elsewhere whose pages may use the shop's API. */
  readonly storeOrigins?: readonly string[];
}

/** What an operator would put into SSM for an environment, here for a local one. */
export function localParameters(
  world: LocalWorld,
  { authority, mailbox, storeOrigins = [] }: LocalChoices,
): Readonly<Record<string, string>> {
  return {
    "db/host": "postgres",
    "db/port": "5432",
    "db/name": "medusa",
    "db/ca": authority,
    "redis/host": "valkey",
    "redis/port": "6379",
    "redis/ca": authority,
    "media/endpoint": "http://aws:4566",
    "media/region": "eu-west-3",
    "media/bucket": BUCKET,
    "media/private_bucket": PRIVATE_BUCKET,
    "media/url": `${shopUrl(world)}/media`,
    // Signed links are for browsers, which do not know the name `aws`.
    "media/browser_url": `${shopUrl(world)}/files`,
    "media/source": "local",
    "media/upstream": "aws:4566",
    "mail/host": "mail",
    "mail/port": "1025",
    "mail/from": "GreenLeaf <shop@greenleaf.local>",
    "mail/user": mailbox.user,
    [MAIL_PASSWORD]: mailbox.password,
    "mail/ca": authority,
    "shop/title": "GreenLeaf",
    "shop/currency": "eur",
    "shop/countries": "fr,de,be",
    "shop/country": "fr",
    "shop/tax_rate": "20",
    "shop/url": shopUrl(world),
    "backend/cors": shopUrl(world),
    // No parameter can be empty, and one of an earlier `up` would stay.
    "backend/store_cors": [shopUrl(world), ...storeOrigins].join(","),
  };
}

/** Writes what is missing or differs, and nothing else; returns how many writes there were. */
export async function seedAws(
  world: LocalWorld,
  wanted: { parameters: Readonly<Record<string, string>>; credentials: Credentials },
): Promise<number> {
  // Said and not left to the environment: a real account's key must not be shown to a local server.
  const credentials = await ensureAwsCredentials(world);
  const settings = { endpoint: awsUrl(world), region: "eu-west-3", credentials };
  const counts = await Promise.all([
    seedParameters(settings, wanted.parameters),
    seedSecrets(settings, wanted.credentials),
    seedBuckets(settings),
  ]);
  return counts.reduce((sum, count) => sum + count, 0);
}

interface Settings {
  endpoint: string;
  region: string;
  credentials: AwsCredentials;
}

async function seedParameters(settings: Settings, parameters: Readonly<Record<string, string>>): Promise<number> {
  const { GetParametersByPathCommand, PutParameterCommand, SSMClient } = await import("@aws-sdk/client-ssm");
  const client = new SSMClient(settings);
  const found = new Map<string, string>();
  let next: string | undefined;
  do {
    const page = await client.send(
      new GetParametersByPathCommand({ Path: PARAMETERS, Recursive: true, WithDecryption: true, NextToken: next }),
    );
    for (const { Name, Value } of page.Parameters ?? []) found.set(Name ?? "", Value ?? "");
    next = page.NextToken;
  } while (next !== undefined);
  const due = Object.entries(parameters).filter(([name, value]) => found.get(`${PARAMETERS}/${name}`) !== value);
  for (const [name, Value] of due) {
    const Type = name === MAIL_PASSWORD ? "SecureString" : "String";
    await client.send(new PutParameterCommand({ Name: `${PARAMETERS}/${name}`, Value, Type, Overwrite: true }));
  }
  return due.length;
}

async function seedSecrets(settings: Settings, credentials: Credentials): Promise<number> {
  const {
    CreateSecretCommand,
    GetSecretValueCommand,
    PutSecretValueCommand,
    ResourceNotFoundException,
    SecretsManagerClient,
  } = await import("@aws-sdk/client-secrets-manager");
  const client = new SecretsManagerClient(settings);
  let writes = 0;
  for (const [name, value] of Object.entries(credentials)) {
    const SecretId = `${PARAMETERS.slice(1)}/${name}`;
    const SecretString = JSON.stringify(value);
    try {
      const found = await client.send(new GetSecretValueCommand({ SecretId }));
      if (found.SecretString === SecretString) continue;
      await client.send(new PutSecretValueCommand({ SecretId, SecretString }));
    } catch (error) {
      if (!(error instanceof ResourceNotFoundException)) throw error;
      await client.send(new CreateSecretCommand({ Name: SecretId, SecretString }));
    }
    writes += 1;
  }
  return writes;
}

async function seedBuckets(settings: Settings): Promise<number> {
  const { CreateBucketCommand, ListBucketsCommand, S3Client } = await import("@aws-sdk/client-s3");
  const client = new S3Client({ ...settings, forcePathStyle: true });
  const { Buckets = [] } = await client.send(new ListBucketsCommand({}));
  const due = [BUCKET, PRIVATE_BUCKET].filter((name) => !Buckets.some((bucket) => bucket.Name === name));
  for (const Bucket of due) {
    await client.send(
      new CreateBucketCommand({ Bucket, CreateBucketConfiguration: { LocationConstraint: "eu-west-3" } }),
    );
  }
  return due.length;
}

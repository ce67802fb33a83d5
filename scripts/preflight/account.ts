import { HeadBucketCommand, S3Client } from "@aws-sdk/client-s3";
import { DescribeSecretCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { GetParametersCommand, SSMClient } from "@aws-sdk/client-ssm";
import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { bucketName } from "../bootstrap/buckets.ts";
import { describeKey } from "../bootstrap/key.ts";
import { SIGNING_KEY } from "../bootstrap/parameters.ts";
import { serviceRoles } from "../bootstrap/service-roles.ts";
import { type AwsAccount, query } from "../fleet/aws.ts";
import { freeTier, IAM, isThere, look, STS } from "./ask.ts";
import { clockAheadMs } from "./clock.ts";
import type { AccountFacts, SecretState } from "./facts.ts";
import { imageStates } from "./images.ts";
import { configuredMail, mailFact } from "./mail.ts";
import { budgetState, costTagState } from "./money/budget.ts";
import type { Needs } from "./needs.ts";
import { quotaFacts } from "./quotas.ts";
import { deniedActions } from "./rights.ts";
import { engineFacts, typeFacts } from "./types.ts";

/** Looks at the account with calls that only read. Without credentials it rejects; what else fails is unseen. */
export async function accountFacts(account: AwsAccount, needs: Needs): Promise<AccountFacts> {
  const xml = await query(account, STS, "GetCallerIdentity");
  const identity = { accountId: elementText(xml, "Account") ?? "", arn: elementText(xml, "Arn") ?? "" };
  const { region, endpoint, credentials } = account;
  const settings = { region, credentials, ...(endpoint === undefined ? {} : { endpoint }) };
  const ssm = new SSMClient(settings);
  const secrets = new SecretsManagerClient(settings);
  const s3 = new S3Client({ ...settings, forcePathStyle: endpoint !== undefined });
  const [whole, quotas] = await Promise.all([
    settled({
      clockAheadMs: look(() => clockAheadMs(account)),
      plan: look(async () => planOf(await freeTier(account, "GetAccountPlanState", {}))),
      types: look(() => typeFacts(account, needs)),
      engines: look(() => engineFacts(account, needs)),
      images: look(async () => imageStates(account, needs.images, await parameters(ssm, needs.images))),
      keyState: look(async () => (await describeKey(account))?.KeyState),
      linkedRoles: look(() => linkedRoles(account)),
      signingKey: look(async () => (await parameters(ssm, [SIGNING_KEY])).has(SIGNING_KEY)),
      secrets: look(() => secretStates(secrets, needs.secrets)),
      buckets: look(() => buckets(s3, identity.accountId)),
      budget: look(() => budgetState(account, identity.accountId, needs)),
      costTag: look(() => costTagState(account)),
      mail: look(async () => mailFact(account, needs.mail ?? (await configuredMail(ssm, needs.environment)))),
      denied: look(() => deniedActions(account, identity.arn)),
    }),
    quotaFacts(account, needs),
  ]);
  return { identity, ...whole, ...quotas };
}

/** All questions at once; each has its own deadline. */
async function settled<Record extends object>(
  questions: {
    readonly [Key in keyof Record]: Promise<Record[Key]>;
  },
): Promise<Record> {
  const names = Object.keys(questions) as (keyof Record)[];
  const answers = await Promise.all(names.map((name) => questions[name]));
  return Object.fromEntries(names.map((name, at) => [name, answers[at]])) as Record;
}

const planOf = ({ accountPlanType }: Readonly<Record<string, unknown>>): "FREE" | "PAID" =>
  accountPlanType === "FREE" ? "FREE" : "PAID";

/** The parameters that there are, as they are kept: AWS takes ten names at once. */
async function parameters(ssm: SSMClient, all: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const names = all.filter((name) => name.startsWith("/"));
  const found = new Map<string, string>();
  for (let at = 0; at < names.length; at += 10) {
    const { Parameters = [] } = await ssm.send(new GetParametersCommand({ Names: names.slice(at, at + 10) }));
    for (const { Name = "", Value = "" } of Parameters) found.set(Name, Value);
  }
  return found;
}

async function linkedRoles(account: AwsAccount): Promise<Readonly<Record<string, boolean>>> {
  const found: [string, boolean][] = [];
  for (const RoleName of serviceRoles) {
    found.push([RoleName, await isThere(() => query(account, IAM, "GetRole", { RoleName }), "NoSuchEntity")]);
  }
  return Object.fromEntries(found);
}

async function secretStates(client: SecretsManagerClient, names: readonly string[]) {
  const states = await Promise.all(names.map((name) => secretState(client, name)));
  return Object.fromEntries(names.map((name, at) => [name, states[at] ?? "missing"]));
}

async function secretState(client: SecretsManagerClient, SecretId: string): Promise<SecretState> {
  try {
    const { DeletedDate } = await client.send(new DescribeSecretCommand({ SecretId }));
    return DeletedDate === undefined ? "there" : "deleted";
  } catch (error) {
    if ((error as Error).name === "ResourceNotFoundException") return "missing";
    throw error;
  }
}

async function buckets(
  s3: S3Client,
  accountId: string,
): Promise<Readonly<Record<string, "ours" | "missing" | "foreign">>> {
  const of = async (kind: string): Promise<"ours" | "missing" | "foreign"> => {
    try {
      const Bucket = bucketName(kind, accountId);
      await s3.send(new HeadBucketCommand({ Bucket, ExpectedBucketOwner: accountId }));
      return "ours";
    } catch (error) {
      const status = (error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode;
      if (status === 404) return "missing";
      if (status === 403) return "foreign";
      throw status === undefined ? error : new Error(`S3 answered ${status}`);
    }
  };
  return { state: await of("state"), artifacts: await of("artifacts") };
}

import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import {
  DeleteParameterCommand,
  GetParameterCommand,
  PutParameterCommand,
  paginateGetParameterHistory,
  SSMClient,
} from "@aws-sdk/client-ssm";
import { elementText } from "../../../node-agent/src/core/aws/answer.ts";
import { bucketName } from "../../bootstrap/buckets.ts";
import { type AwsAccount, query } from "../../fleet/aws.ts";

export interface ParameterVersion {
  readonly value: string;
  /** ISO 8601. */
  readonly at: string;
  /** ARN of who wrote it. */
  readonly by: string;
}

/** Where releases are published: one bucket and the parameters of an account. */
export interface Publisher {
  readonly account: AwsAccount;
  readonly accountId: string;
  readonly bucket: string;
  /** ARN of who publishes. */
  readonly by: string;
  /** Text of a parameter; undefined when there is none. */
  parameter(name: string): Promise<string | undefined>;
  setParameter(name: string, value: string): Promise<void>;
  /** Makes a parameter; false, and nothing changed, where there is one of that name. */
  createParameter(name: string, value: string): Promise<boolean>;
  removeParameter(name: string): Promise<void>;
  /** Versions of a parameter, oldest first; empty when there is none. */
  history(name: string): Promise<readonly ParameterVersion[]>;
  /** Text of an object; undefined when there is none. */
  read(key: string): Promise<string | undefined>;
  /** Keeps an object; what has its name already has its content. */
  keep(key: string, content: Uint8Array): Promise<"made" | "there">;
}

export async function openPublisher(account: AwsAccount): Promise<Publisher> {
  const { region, endpoint, credentials } = account;
  const settings = { region, credentials, ...(endpoint === undefined ? {} : { endpoint }) };
  const s3 = new S3Client({ ...settings, forcePathStyle: endpoint !== undefined });
  const ssm = new SSMClient(settings);
  const xml = await query(account, { service: "sts", version: "2011-06-15" }, "GetCallerIdentity");
  const accountId = elementText(xml, "Account") ?? "";
  const Bucket = bucketName("artifacts", accountId);
  return {
    account,
    accountId,
    bucket: Bucket,
    by: elementText(xml, "Arn") ?? "unknown",
    parameter: async (Name) =>
      (await unless("ParameterNotFound", ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))))?.Parameter
        ?.Value,
    setParameter: async (Name, Value) =>
      void (await ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }))),
    createParameter: async (Name, Value) => {
      const made = ssm.send(new PutParameterCommand({ Name, Value, Type: "String" }));
      return (await unless("ParameterAlreadyExists", made)) !== undefined;
    },
    removeParameter: async (Name) =>
      void (await unless("ParameterNotFound", ssm.send(new DeleteParameterCommand({ Name })))),
    history: async (Name) => (await unless("ParameterNotFound", versionsOf(ssm, Name))) ?? [],
    read: async (Key) =>
      (await unless("NoSuchKey", s3.send(new GetObjectCommand({ Bucket, Key }))))?.Body?.transformToString(),
    keep: async (Key, Body) => {
      if (await unless("NotFound", s3.send(new HeadObjectCommand({ Bucket, Key })))) return "there";
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
      return "made";
    },
  };
}

async function versionsOf(client: SSMClient, Name: string): Promise<ParameterVersion[]> {
  const versions: ParameterVersion[] = [];
  for await (const page of paginateGetParameterHistory({ client }, { Name, WithDecryption: true })) {
    for (const { Value = "", LastModifiedDate, LastModifiedUser = "unknown" } of page.Parameters ?? []) {
      versions.push({ value: Value, at: LastModifiedDate?.toISOString() ?? "", by: LastModifiedUser });
    }
  }
  return versions;
}

async function unless<T>(name: string, asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && error.name === name) return undefined;
    throw error;
  }
}

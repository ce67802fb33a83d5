import { GetObjectCommand, HeadObjectCommand, PutObjectCommand, S3Client } from "@aws-sdk/client-s3";
import { GetParameterCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import { elementText } from "../../node-agent/src/core/query-answer.ts";
import { bucketName } from "../bootstrap/buckets.ts";
import { type AwsAccount, query } from "../fleet/aws.ts";

/** Where releases are published: one bucket and the parameters of an account. */
export interface Publisher {
  readonly account: AwsAccount;
  readonly accountId: string;
  readonly bucket: string;
  /** Text of a parameter; undefined when there is none. */
  parameter(name: string): Promise<string | undefined>;
  setParameter(name: string, value: string): Promise<void>;
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
    parameter: async (Name) =>
      (await unless("ParameterNotFound", ssm.send(new GetParameterCommand({ Name, WithDecryption: true }))))?.Parameter
        ?.Value,
    setParameter: async (Name, Value) =>
      void (await ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }))),
    read: async (Key) =>
      (await unless("NoSuchKey", s3.send(new GetObjectCommand({ Bucket, Key }))))?.Body?.transformToString(),
    keep: async (Key, Body) => {
      if (await unless("NotFound", s3.send(new HeadObjectCommand({ Bucket, Key })))) return "there";
      await s3.send(new PutObjectCommand({ Bucket, Key, Body }));
      return "made";
    },
  };
}

async function unless<T>(name: string, asked: Promise<T>): Promise<T | undefined> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof Error && error.name === name) return undefined;
    throw error;
  }
}

import type { S3Client } from "@aws-sdk/client-s3";
import type { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { SSMClient } from "@aws-sdk/client-ssm";
import type { AwsAccount } from "../fleet/aws.ts";

/** What every step may use. */
export interface Bootstrap {
  readonly account: AwsAccount;
  readonly accountId: string;
  readonly s3: S3Client;
  readonly ssm: SSMClient;
  readonly secrets: SecretsManagerClient;
  readonly environments: readonly string[];
  /** ARN of the key all of this is encrypted with; known after the first step. */
  keyArn: string;
}

/** `made` changed the account, `there` found it as it should be. */
export type Outcome = "made" | "there";

export interface Step {
  readonly title: string;
  readonly run: (bootstrap: Bootstrap) => Promise<Outcome>;
}

/** `made` when one of several was. */
export const anyMade = (outcomes: readonly Outcome[]): Outcome => (outcomes.includes("made") ? "made" : "there");

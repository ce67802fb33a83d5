import {
  CreateBucketCommand,
  HeadBucketCommand,
  PutBucketEncryptionCommand,
  PutBucketLifecycleConfigurationCommand,
  PutBucketOwnershipControlsCommand,
  PutBucketPolicyCommand,
  PutBucketVersioningCommand,
  PutPublicAccessBlockCommand,
} from "@aws-sdk/client-s3";
import type { Bootstrap, Step } from "./step.ts";

export const bucketName = (kind: string, accountId: string): string => `greenleaf-${kind}-${accountId}`;

/** A bucket as checkov wants one; the settings are put each time, since S3 keeps the last. */
export function bucketStep(kind: string, why: string): Step {
  return {
    title: `bucket greenleaf-${kind}-ACCOUNT: ${why}`,
    run: async (bootstrap) => {
      const Bucket = bucketName(kind, bootstrap.accountId);
      const there = await exists(bootstrap, Bucket);
      if (!there) {
        await bootstrap.s3.send(new CreateBucketCommand({ Bucket, ...placeIn(bootstrap.account.region) }));
      }
      await settle(bootstrap, Bucket);
      return there ? "there" : "made";
    },
  };
}

// S3 refuses the name of its oldest region, which is meant where none is said.
const placeIn = (region: string) =>
  region === "us-east-1" ? {} : { CreateBucketConfiguration: { LocationConstraint: region as "eu-west-3" } };

async function exists({ s3 }: Bootstrap, Bucket: string): Promise<boolean> {
  try {
    await s3.send(new HeadBucketCommand({ Bucket }));
    return true;
  } catch (error) {
    if ((error as { $metadata?: { httpStatusCode?: number } }).$metadata?.httpStatusCode === 404) return false;
    throw error;
  }
}

async function settle({ s3, keyArn }: Bootstrap, Bucket: string): Promise<void> {
  await s3.send(new PutBucketVersioningCommand({ Bucket, VersioningConfiguration: { Status: "Enabled" } }));
  const key = { SSEAlgorithm: "aws:kms" as const, KMSMasterKeyID: keyArn };
  const Rules = [{ ApplyServerSideEncryptionByDefault: key, BucketKeyEnabled: true }];
  await s3.send(new PutBucketEncryptionCommand({ Bucket, ServerSideEncryptionConfiguration: { Rules } }));
  const closed = {
    BlockPublicAcls: true,
    BlockPublicPolicy: true,
    IgnorePublicAcls: true,
    RestrictPublicBuckets: true,
  };
  await s3.send(new PutPublicAccessBlockCommand({ Bucket, PublicAccessBlockConfiguration: closed }));
  const owner = { Rules: [{ ObjectOwnership: "BucketOwnerEnforced" as const }] };
  await s3.send(new PutBucketOwnershipControlsCommand({ Bucket, OwnershipControls: owner }));
  await s3.send(new PutBucketLifecycleConfigurationCommand({ Bucket, LifecycleConfiguration: { Rules: [LIFECYCLE] } }));
  await s3.send(new PutBucketPolicyCommand({ Bucket, Policy: tlsOnly(Bucket) }));
}

const LIFECYCLE = {
  ID: "old-versions",
  Status: "Enabled" as const,
  Filter: { Prefix: "" },
  NoncurrentVersionExpiration: { NoncurrentDays: 90 },
  AbortIncompleteMultipartUpload: { DaysAfterInitiation: 1 },
};

const tlsOnly = (bucket: string): string =>
  JSON.stringify({
    Version: "2012-10-17",
    Statement: [
      {
        Sid: "TlsOnly",
        Effect: "Deny",
        Principal: "*",
        Action: "s3:*",
        Resource: [`arn:aws:s3:::${bucket}`, `arn:aws:s3:::${bucket}/*`],
        Condition: { Bool: { "aws:SecureTransport": "false" } },
      },
    ],
  });

import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, pending, until } from "../../node-agent/src/base/wait.ts";
import { type AwsAccount, AwsRefusal, json } from "../fleet/aws.ts";
import { type KeyPolicy, wantedKeyPolicy } from "./key-policy.ts";
import type { Bootstrap, Outcome, Step } from "./step.ts";

const KMS = { service: "kms", target: "TrentService" };
export const KEY_ALIAS = "alias/greenleaf";

/** The key of state, archives and secrets; nodes know it by its alias. */
export const keyStep: Step = {
  title: `key ${KEY_ALIAS}`,
  run: async (bootstrap) => {
    const found = await describeKey(bootstrap.account);
    if (found !== undefined) {
      bootstrap.keyArn = found.Arn;
      return openToFleet(bootstrap);
    }
    const made = await json(bootstrap.account, KMS, "CreateKey", {
      Description: "greenleaf: state, archives, secrets",
    });
    const { KeyId, Arn } = made.KeyMetadata as { KeyId: string; Arn: string };
    await json(bootstrap.account, KMS, "EnableKeyRotation", { KeyId });
    await json(bootstrap.account, KMS, "CreateAlias", { AliasName: KEY_ALIAS, TargetKeyId: KeyId });
    bootstrap.keyArn = Arn;
    await openToFleet(bootstrap);
    return "made";
  },
};

/** Lets Auto Scaling start nodes from images under the key. */
async function openToFleet({ account, accountId, keyArn: KeyId }: Bootstrap): Promise<Outcome> {
  const { Policy } = await json(account, KMS, "GetKeyPolicy", { KeyId, PolicyName: "default" });
  const wanted = wantedKeyPolicy(String(Policy), accountId);
  if (wanted === undefined) return "there";
  await putPolicy(account, KeyId, wanted);
  return "made";
}

// A role that was made a moment ago is unknown to KMS until IAM has spread it.
async function putPolicy(account: Bootstrap["account"], KeyId: string, policy: KeyPolicy): Promise<void> {
  const fix = "run the same command again";
  const wait = { what: "KMS to know the service-linked roles", withinMs: 120_000, everyMs: 3000, fix };
  await until(systemClock, wait, async () => {
    try {
      await json(account, KMS, "PutKeyPolicy", { KeyId, PolicyName: "default", Policy: JSON.stringify(policy) });
      return done(undefined);
    } catch (error) {
      if (!(error instanceof AwsRefusal) || error.code !== "MalformedPolicyDocumentException") throw error;
      return pending(error.message);
    }
  });
}

export interface KeyMetadata {
  readonly Arn: string;
  /** `Enabled`, or why nothing under it can be read: `PendingDeletion`, `Disabled`. */
  readonly KeyState: string;
}

/** What KMS says of the key behind the alias; undefined when there is none. */
export async function describeKey(account: AwsAccount): Promise<KeyMetadata | undefined> {
  try {
    const { KeyMetadata } = await json(account, KMS, "DescribeKey", { KeyId: KEY_ALIAS });
    return KeyMetadata as KeyMetadata;
  } catch (error) {
    if (error instanceof AwsRefusal && error.code === "NotFoundException") return undefined;
    throw error;
  }
}

import { AwsRefusal, json } from "../fleet/aws.ts";
import type { Step } from "./step.ts";

const KMS = { service: "kms", target: "TrentService" };
export const KEY_ALIAS = "alias/greenleaf";

/** The key of state, archives and secrets; nodes know it by its alias. */
export const keyStep: Step = {
  title: `key ${KEY_ALIAS}`,
  run: async (bootstrap) => {
    const found = await describe(bootstrap.account);
    if (found !== undefined) {
      bootstrap.keyArn = found;
      return "there";
    }
    const made = await json(bootstrap.account, KMS, "CreateKey", {
      Description: "greenleaf: state, archives, secrets",
    });
    const { KeyId, Arn } = made.KeyMetadata as { KeyId: string; Arn: string };
    await json(bootstrap.account, KMS, "EnableKeyRotation", { KeyId });
    await json(bootstrap.account, KMS, "CreateAlias", { AliasName: KEY_ALIAS, TargetKeyId: KeyId });
    bootstrap.keyArn = Arn;
    return "made";
  },
};

async function describe(account: Parameters<typeof json>[0]): Promise<string | undefined> {
  try {
    const { KeyMetadata } = await json(account, KMS, "DescribeKey", { KeyId: KEY_ALIAS });
    return (KeyMetadata as { Arn: string }).Arn;
  } catch (error) {
    if (error instanceof AwsRefusal && error.code === "NotFoundException") return undefined;
    throw error;
  }
}

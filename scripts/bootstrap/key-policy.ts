import { isDeepStrictEqual } from "node:util";
import { serviceRoleArns } from "./service-roles.ts";

interface Statement {
  readonly Sid?: string;
  readonly [field: string]: unknown;
}

export interface KeyPolicy {
  readonly Version: string;
  readonly Statement: readonly Statement[];
}

/**
 * Golden images are encrypted under this key, and Auto Scaling starts them by a role that no policy of ours can change:
 * without the key's own leave every launch ends in Client.InternalError.
 */
const ours = (accountId: string): readonly Statement[] => [
  {
    Sid: "GreenLeafFleet",
    Effect: "Allow",
    Principal: { AWS: serviceRoleArns(accountId) },
    Action: ["kms:Encrypt", "kms:Decrypt", "kms:ReEncrypt*", "kms:GenerateDataKey*", "kms:DescribeKey"],
    Resource: "*",
  },
  {
    Sid: "GreenLeafFleetGrants",
    Effect: "Allow",
    Principal: { AWS: serviceRoleArns(accountId) },
    Action: "kms:CreateGrant",
    Resource: "*",
    Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
  },
];

/** The key's policy with our statements in it; undefined where it has them. What others added stays. */
export function wantedKeyPolicy(present: string, accountId: string): KeyPolicy | undefined {
  const policy = JSON.parse(present) as Partial<KeyPolicy>;
  const statements = policy.Statement ?? [];
  const wanted = ours(accountId);
  const names = new Set(wanted.map(({ Sid }) => Sid));
  if (
    isDeepStrictEqual(
      statements.filter(({ Sid }) => names.has(Sid)),
      wanted,
    )
  )
    return undefined;
  const others = statements.filter(({ Sid }) => !names.has(Sid));
  return { Version: "2012-10-17", Statement: [...(others.length > 0 ? others : [administered(accountId)]), ...wanted] };
}

// What AWS writes itself where nothing is said; without it nobody could ever change the key again.
const administered = (accountId: string): Statement => ({
  Sid: "Enable IAM User Permissions",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${accountId}:root` },
  Action: "kms:*",
  Resource: "*",
});

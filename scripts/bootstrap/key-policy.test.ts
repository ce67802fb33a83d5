import { expect, test } from "vitest";
import { wantedKeyPolicy } from "./key-policy.ts";

const ACCOUNT = "123456789012";
const DEFAULT = {
  Sid: "Enable IAM User Permissions",
  Effect: "Allow",
  Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
  Action: "kms:*",
  Resource: "*",
};
const text = (...Statement: object[]) => JSON.stringify({ Version: "2012-10-17", Statement });

test("Auto Scaling and Spot may use the key of golden images, and grant it to volumes only", () => {
  const [, use, grant] = wantedKeyPolicy(text(DEFAULT), ACCOUNT)?.Statement ?? [];
  const roles = [
    "arn:aws:iam::123456789012:role/aws-service-role/autoscaling.amazonaws.com/AWSServiceRoleForAutoScaling",
    "arn:aws:iam::123456789012:role/aws-service-role/spot.amazonaws.com/AWSServiceRoleForEC2Spot",
  ];
  expect(use).toMatchObject({ Principal: { AWS: roles }, Action: expect.arrayContaining(["kms:Decrypt"]) });
  expect(grant).toMatchObject({
    Principal: { AWS: roles },
    Action: "kms:CreateGrant",
    Condition: { Bool: { "kms:GrantIsForAWSResource": "true" } },
  });
});

test("a key that has our statements is left alone, and what others added to it stays", () => {
  const added = { Sid: "Auditors", Effect: "Allow", Principal: { AWS: "arn:aws:iam::123456789012:role/audit" } };
  const made = wantedKeyPolicy(text(DEFAULT, added), ACCOUNT);
  expect(made?.Statement.slice(0, 2)).toEqual([DEFAULT, added]);
  expect(wantedKeyPolicy(JSON.stringify(made), ACCOUNT)).toBeUndefined();
});

test("a role that was deleted, and stands in the policy as its old id, is named again", () => {
  const made = wantedKeyPolicy(text(DEFAULT), ACCOUNT);
  const stale = JSON.stringify(made).replaceAll(/"arn:aws:iam::\d+:role[^"]*AutoScaling"/g, '"AROAEXAMPLE"');
  expect(wantedKeyPolicy(stale, ACCOUNT)).toEqual(made);
});

test("no key is left without its administrator", () => {
  expect(wantedKeyPolicy("{}", ACCOUNT)?.Statement[0]).toEqual(DEFAULT);
});

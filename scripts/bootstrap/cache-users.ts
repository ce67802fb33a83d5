import { AwsRefusal, query } from "../fleet/aws.ts";
import { readSecret } from "./secrets.ts";
import { anyMade, type Bootstrap, type Outcome, type Step } from "./step.ts";

const ELASTICACHE = { service: "elasticache", version: "2015-02-02" };

/** The one user of each cache. Terraform would keep the password in its state; here it goes from the secret to AWS. */
export const cacheUsersStep: Step = {
  title: "cache users",
  run: async (bootstrap) => {
    const outcomes: Outcome[] = [];
    for (const environment of bootstrap.environments) {
      outcomes.push(await user(bootstrap, environment), await group(bootstrap, environment));
    }
    return anyMade(outcomes);
  },
};

async function user(bootstrap: Bootstrap, environment: string): Promise<Outcome> {
  const UserId = `greenleaf-${environment}`;
  if (await answers(bootstrap, "DescribeUsers", { UserId })) return "there";
  await query(bootstrap.account, ELASTICACHE, "CreateUser", {
    UserId,
    UserName: "default",
    Engine: "valkey",
    AccessString: "on ~* &* +@all",
    "Passwords.member.1": await readSecret(bootstrap, `greenleaf/${environment}/redis`, "password"),
  });
  return "made";
}

async function group(bootstrap: Bootstrap, environment: string): Promise<Outcome> {
  const UserGroupId = `greenleaf-${environment}`;
  if (await answers(bootstrap, "DescribeUserGroups", { UserGroupId })) return "there";
  await query(bootstrap.account, ELASTICACHE, "CreateUserGroup", {
    UserGroupId,
    Engine: "valkey",
    "UserIds.member.1": UserGroupId,
  });
  return "made";
}

async function answers(
  bootstrap: Bootstrap,
  action: string,
  parameters: Readonly<Record<string, string>>,
): Promise<boolean> {
  try {
    await query(bootstrap.account, ELASTICACHE, action, parameters);
    return true;
  } catch (error) {
    if (error instanceof AwsRefusal && /NotFound/.test(error.code)) return false;
    throw error;
  }
}

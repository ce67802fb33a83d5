import { AwsRefusal, query } from "../fleet/aws.ts";
import { anyMade, type Bootstrap, type Outcome, type Step } from "./step.ts";

const IAM = { service: "iam", version: "2010-05-08" };

/** Roles by which AWS itself starts our nodes; a new account has none, and a key's policy may name only roles there are. */
const SERVICE_ROLES: Readonly<Record<string, string>> = {
  "autoscaling.amazonaws.com": "AWSServiceRoleForAutoScaling",
  "spot.amazonaws.com": "AWSServiceRoleForEC2Spot",
};

export const serviceRoleArns = (accountId: string): readonly string[] =>
  Object.entries(SERVICE_ROLES).map(
    ([service, role]) => `arn:aws:iam::${accountId}:role/aws-service-role/${service}/${role}`,
  );

/** Their names, which every account gives them. */
export const serviceRoles: readonly string[] = Object.values(SERVICE_ROLES);

export const serviceRolesStep: Step = {
  title: "service-linked roles of Auto Scaling and Spot",
  run: async (bootstrap) => {
    const outcomes: Outcome[] = [];
    for (const service of Object.keys(SERVICE_ROLES)) outcomes.push(await ensure(bootstrap, service));
    return anyMade(outcomes);
  },
};

async function ensure({ account }: Bootstrap, AWSServiceName: string): Promise<Outcome> {
  try {
    await query(account, IAM, "CreateServiceLinkedRole", { AWSServiceName });
    return "made";
  } catch (error) {
    // Its name has been taken: it is there.
    if (error instanceof AwsRefusal && ["InvalidInput", "EntityAlreadyExists"].includes(error.code)) return "there";
    throw error;
  }
}

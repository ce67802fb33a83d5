import { AwsRefusal, json } from "../fleet/aws.ts";
import { REPOSITORIES } from "./inventory.ts";
import { anyMade, type Bootstrap, type Outcome, type Step } from "./step.ts";

const ECR = { service: "ecr", target: "AmazonEC2ContainerRegistry_V20150921" };

/** Untagged images end after a week, and 30 releases are kept. */
const LIFECYCLE = {
  rules: [
    {
      rulePriority: 1,
      selection: { tagStatus: "untagged", countType: "sinceImagePushed", countUnit: "days", countNumber: 7 },
      action: { type: "expire" },
    },
    {
      rulePriority: 2,
      selection: { tagStatus: "any", countType: "imageCountMoreThan", countNumber: 30 },
      action: { type: "expire" },
    },
  ],
};

export const repositoriesStep: Step = {
  title: "image repositories",
  run: async (bootstrap) => {
    const outcomes: Outcome[] = [];
    for (const name of REPOSITORIES) outcomes.push(await ensure(bootstrap, `greenleaf/${name}`));
    return anyMade(outcomes);
  },
};

async function ensure({ account, keyArn }: Bootstrap, repositoryName: string): Promise<Outcome> {
  const outcome = await create(account, {
    repositoryName,
    imageTagMutability: "IMMUTABLE",
    imageScanningConfiguration: { scanOnPush: true },
    encryptionConfiguration: { encryptionType: "KMS", kmsKey: keyArn },
  });
  await json(account, ECR, "PutLifecyclePolicy", { repositoryName, lifecyclePolicyText: JSON.stringify(LIFECYCLE) });
  return outcome;
}

async function create(account: Bootstrap["account"], wanted: object): Promise<Outcome> {
  try {
    await json(account, ECR, "CreateRepository", wanted);
    return "made";
  } catch (error) {
    if (error instanceof AwsRefusal && error.code === "RepositoryAlreadyExistsException") return "there";
    throw error;
  }
}

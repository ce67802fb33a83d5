import { agentStep } from "./agent.ts";
import { bucketStep } from "./buckets.ts";
import { cacheUsersStep } from "./cache-users.ts";
import { certificatesStep } from "./certificates.ts";
import { filesStep } from "./files.ts";
import { keyStep } from "./key.ts";
import { originHeaderStep, signingKeyStep } from "./parameters.ts";
import { repositoriesStep } from "./repositories.ts";
import { secretsStep } from "./secrets.ts";
import { serviceRolesStep } from "./service-roles.ts";
import type { Step } from "./step.ts";

/** What an account needs before `terraform init`, in order; every step may run again. */
export const bootstrapSteps = (folder: string): readonly Step[] => [
  serviceRolesStep,
  keyStep,
  bucketStep("state", "Terraform's state, versioned, locked by its own file"),
  bucketStep("artifacts", "agents and stacks for nodes to fetch"),
  repositoriesStep,
  signingKeyStep,
  agentStep,
  secretsStep,
  cacheUsersStep,
  originHeaderStep,
  certificatesStep,
  filesStep(folder),
];

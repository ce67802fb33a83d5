import { parseArgs } from "node:util";
import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import { elementText } from "../node-agent/src/core/query-answer.ts";
import { EXIT } from "../node-agent/src/errors.ts";
import type { Bootstrap } from "./bootstrap/step.ts";
import { bootstrapSteps } from "./bootstrap/steps.ts";
import { type AwsAccount, accountFromEnvironment, query } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { TERRAFORM_FOLDER } from "./fleet/terraform.ts";

/** `scripts/bootstrap.sh`: makes once per account what `terraform init` needs; a second run changes nothing. */
export async function main(argv: readonly string[]): Promise<number> {
  const { values } = parseArgs({ args: [...argv], options: { terraform: { type: "string" } } });
  const account = accountFromEnvironment();
  const bootstrap = await open(account);
  process.stdout.write(`account ${bootstrap.accountId}, region ${account.region}\n`);
  let made = 0;
  for (const { title, run } of bootstrapSteps(values.terraform ?? TERRAFORM_FOLDER)) {
    const outcome = await run(bootstrap);
    if (outcome === "made") made += 1;
    process.stdout.write(`${outcome === "made" ? "made " : "there"}  ${title}\n`);
  }
  process.stdout.write(made === 0 ? "nothing to do\n" : "next: cd terraform && terraform init\n");
  return EXIT.ready;
}

async function open(account: AwsAccount): Promise<Bootstrap> {
  const { region, endpoint, credentials } = account;
  const settings = { region, credentials, ...(endpoint === undefined ? {} : { endpoint }) };
  const xml = await query(account, { service: "sts", version: "2011-06-15" }, "GetCallerIdentity");
  return {
    account,
    accountId: elementText(xml, "Account") ?? "",
    s3: new S3Client({ ...settings, forcePathStyle: endpoint !== undefined }),
    ssm: new SSMClient(settings),
    secrets: new SecretsManagerClient(settings),
    environments: ENVIRONMENTS,
    keyArn: "",
  };
}

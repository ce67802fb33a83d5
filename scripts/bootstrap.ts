import { S3Client } from "@aws-sdk/client-s3";
import { SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import { SSMClient } from "@aws-sdk/client-ssm";
import type { ParsedCommandLine } from "../node-agent/src/base/cli/command-spec.ts";
import { EXIT } from "../node-agent/src/base/errors.ts";
import { elementText } from "../node-agent/src/core/aws/answer.ts";
import type { Bootstrap } from "./bootstrap/step.ts";
import { bootstrapSteps } from "./bootstrap/steps.ts";
import { textOf } from "./cli/command.ts";
import { type AwsAccount, accountFromEnvironment, query } from "./fleet/aws.ts";
import { ENVIRONMENTS } from "./fleet/plans.ts";
import { TERRAFORM_FOLDER } from "./fleet/terraform.ts";

/** `scripts/bootstrap.sh`: makes once per account what `terraform init` needs; a second run changes nothing. */
export async function bootstrap(line: ParsedCommandLine): Promise<number> {
  const account = await accountFromEnvironment();
  const context = await open(account);
  process.stdout.write(`account ${context.accountId}, region ${account.region}\n`);
  let made = 0;
  for (const { title, run } of bootstrapSteps(textOf(line, "terraform") ?? TERRAFORM_FOLDER)) {
    const outcome = await run(context);
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

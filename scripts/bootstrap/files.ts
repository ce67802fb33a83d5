import { readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { bucketName } from "./buckets.ts";
import { certificateArns } from "./certificates.ts";
import { parameter, releasePublicKeys } from "./parameters.ts";
import type { Bootstrap, Outcome, Step } from "./step.ts";

/** Files beside the configuration, ignored by git, with which bare `terraform init` and `plan` work. */
export function filesStep(folder: string): Step {
  return {
    title: "terraform/backend.tf and bootstrap.auto.tfvars.json",
    run: async (bootstrap) => {
      const backend = await put(join(folder, "backend.tf"), backendText(bootstrap));
      const variables = await put(
        join(folder, "bootstrap.auto.tfvars.json"),
        `${JSON.stringify(await variablesOf(bootstrap), null, 2)}\n`,
      );
      return backend === "made" || variables === "made" ? "made" : "there";
    },
  };
}

function backendText({ account, accountId, keyArn }: Bootstrap): string {
  const settings = [
    `bucket       = "${bucketName("state", accountId)}"`,
    `key          = "greenleaf.tfstate"`,
    `region       = "${account.region}"`,
    "use_lockfile = true",
    "encrypt      = true",
    `kms_key_id   = "${keyArn}"`,
    ...(account.endpoint === undefined
      ? []
      : [
          "use_path_style              = true",
          "skip_credentials_validation = true",
          "skip_requesting_account_id  = true",
          `endpoints                   = { s3 = "${account.endpoint}" }`,
        ]),
  ];
  const lines = settings.map((line) => `    ${line}`).join("\n");
  return `# Written by scripts/bootstrap.sh.\nterraform {\n  backend "s3" {\n${lines}\n  }\n}\n`;
}

async function variablesOf(bootstrap: Bootstrap) {
  return {
    account_id: bootstrap.accountId,
    artifact_bucket: bucketName("artifacts", bootstrap.accountId),
    origin_certificate_arns: await certificateArns(bootstrap),
    release_public_key: await releasePublicKeys(bootstrap),
    golden_amis: await goldenAmis(bootstrap),
    ...(bootstrap.account.endpoint === undefined ? {} : { path_style: true }),
  };
}

// Packer writes these; where it has not, nodes start from the stock image.
async function goldenAmis(bootstrap: Bootstrap): Promise<Readonly<Record<string, readonly string[]>>> {
  const found: Record<string, string[]> = {};
  for (const environment of bootstrap.environments) {
    for (const role of ["app", "router"]) {
      const published = await parameter(bootstrap, `/greenleaf/${environment}/ami/${role}`);
      if (published !== undefined) (found[environment] ??= []).push(role);
    }
  }
  return found;
}

async function put(path: string, text: string): Promise<Outcome> {
  if ((await readFile(path, "utf8").catch(() => undefined)) === text) return "there";
  await writeFile(`${path}.new`, text);
  await rename(`${path}.new`, path);
  return "made";
}

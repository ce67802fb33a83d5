import { randomBytes } from "node:crypto";
import { CreateSecretCommand, DescribeSecretCommand, GetSecretValueCommand } from "@aws-sdk/client-secrets-manager";
import { type SECRETS } from "./inventory.ts";
import { KEY_ALIAS } from "./key.ts";
import { anyMade, type Bootstrap, type Outcome, type Step } from "./step.ts";

/** 43 characters of a-z, A-Z, 0-9, - and _: every reader and RDS itself take them. */
const random = (): string => randomBytes(32).toString("base64url");

/** What each secret begins with; edge/ writes the media one. */
const VALUES: Readonly<Record<(typeof SECRETS)[number], () => Readonly<Record<string, string>>>> = {
  db: () => ({ username: "greenleaf", password: random() }),
  redis: () => ({ password: random() }),
  backend: () => ({ jwt_secret: random(), cookie_secret: random() }),
  media: () => ({ access_key_id: "written-by-terraform-edge", secret_access_key: "written-by-terraform-edge" }),
  admin: () => ({ email: "admin@greenleaf.com", password: random() }),
};

export const secretsStep: Step = {
  title: "secrets of every environment",
  run: async (bootstrap) => {
    const outcomes: Outcome[] = [];
    for (const environment of bootstrap.environments) {
      for (const [name, value] of Object.entries(VALUES)) {
        outcomes.push(await ensure(bootstrap, `greenleaf/${environment}/${name}`, value));
      }
    }
    return anyMade(outcomes);
  },
};

// A value that exists is never touched: the database knows it.
async function ensure({ secrets }: Bootstrap, Name: string, value: () => object): Promise<Outcome> {
  try {
    await secrets.send(new DescribeSecretCommand({ SecretId: Name }));
    return "there";
  } catch (error) {
    if ((error as Error).name !== "ResourceNotFoundException") throw error;
  }
  await secrets.send(new CreateSecretCommand({ Name, SecretString: JSON.stringify(value()), KmsKeyId: KEY_ALIAS }));
  return "made";
}

export async function readSecret({ secrets }: Bootstrap, id: string, field: string): Promise<string> {
  const { SecretString = "{}" } = await secrets.send(new GetSecretValueCommand({ SecretId: id }));
  return (JSON.parse(SecretString) as Record<string, string>)[field] ?? "";
}

import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { KEY_ALIAS } from "./key.ts";
import { anyMade, type Bootstrap, type Outcome, type Step } from "./step.ts";

export const SIGNING_KEY = "/greenleaf-account/signing-key";

/** Text of a parameter; undefined when there is none. */
export async function parameter({ ssm }: Pick<Bootstrap, "ssm">, Name: string): Promise<string | undefined> {
  try {
    const { Parameter } = await ssm.send(new GetParameterCommand({ Name, WithDecryption: true }));
    return Parameter?.Value;
  } catch (error) {
    if ((error as Error).name === "ParameterNotFound") return undefined;
    throw error;
  }
}

export async function ensureParameter(
  bootstrap: Bootstrap,
  Name: string,
  value: () => string,
  secret: boolean,
): Promise<Outcome> {
  if ((await parameter(bootstrap, Name)) !== undefined) return "there";
  const kind = secret ? { Type: "SecureString" as const, KeyId: KEY_ALIAS } : { Type: "String" as const };
  await bootstrap.ssm.send(new PutParameterCommand({ Name, Value: value(), ...kind }));
  return "made";
}

/** The key that signs agents and releases; its public half goes to every node. */
export const signingKeyStep: Step = {
  title: `signing key ${SIGNING_KEY}`,
  run: (bootstrap) =>
    ensureParameter(
      bootstrap,
      SIGNING_KEY,
      () => generateKeyPairSync("ed25519").privateKey.export({ type: "pkcs8", format: "pem" }).toString(),
      true,
    ),
};

export async function releasePublicKey(bootstrap: Bootstrap): Promise<string> {
  const pem = (await parameter(bootstrap, SIGNING_KEY)) ?? "";
  return createPublicKey(createPrivateKey(pem)).export({ type: "spki", format: "pem" }).toString();
}

/** What only our Cloudflare zone sends. Outside the nodes' tree: no node reads it. */
export const originHeaderStep: Step = {
  title: "the header by which an origin knows our zone",
  run: async (bootstrap) => {
    const outcomes: Outcome[] = [];
    for (const environment of bootstrap.environments) {
      const name = `/greenleaf-edge/${environment}/origin-header`;
      outcomes.push(await ensureParameter(bootstrap, name, () => randomBytes(32).toString("base64url"), true));
    }
    return anyMade(outcomes);
  },
};

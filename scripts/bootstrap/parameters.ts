import { createPrivateKey, createPublicKey, generateKeyPairSync, randomBytes } from "node:crypto";
import { GetParameterCommand, PutParameterCommand } from "@aws-sdk/client-ssm";
import { KEY_ALIAS } from "./key.ts";
import { anyMade, type Bootstrap, type Outcome, type Step } from "./step.ts";

export const SIGNING_KEY = "/greenleaf-account/signing-key";
/** Public keys (PEM) that are trusted besides it, while a key is rotated (docs/runbook-keys.md). */
export const TRUSTED_KEYS = "/greenleaf-account/trusted-keys";

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

/** What nodes trust: the key that signs first, then the others. */
export async function releasePublicKeys(bootstrap: Bootstrap): Promise<string> {
  const pem = (await parameter(bootstrap, SIGNING_KEY)) ?? "";
  const signing = createPublicKey(createPrivateKey(pem)).export({ type: "spki", format: "pem" }).toString();
  const others = ((await parameter(bootstrap, TRUSTED_KEYS)) ?? "").trim();
  return others === "" || others === signing.trim() ? signing : `${signing}${others}\n`;
}

/** What only our Cloudflare zone sends. The nodes' own copy is for Caddy, which takes Cloudflare's word by it. */
export const originHeaderStep: Step = {
  title: "the header by which an origin knows our zone",
  run: async (bootstrap) => {
    const outcomes: Outcome[] = [];
    for (const environment of bootstrap.environments) {
      const name = `/greenleaf-edge/${environment}/origin-header`;
      outcomes.push(await ensureParameter(bootstrap, name, () => randomBytes(32).toString("base64url"), true));
      outcomes.push(await ensureCopy(bootstrap, name, `/greenleaf/${environment}/edge/origin_header`));
    }
    return anyMade(outcomes);
  },
};

async function ensureCopy(bootstrap: Bootstrap, of: string, Name: string): Promise<Outcome> {
  const [Value, known] = [await parameter(bootstrap, of), await parameter(bootstrap, Name)];
  if (Value === undefined || Value === known) return "there";
  // A node's role opens no SecureString; the load balancer's rule shows the value to every reader of the account anyway.
  await bootstrap.ssm.send(new PutParameterCommand({ Name, Value, Type: "String", Overwrite: true }));
  return "made";
}

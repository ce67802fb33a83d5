import type { AwsAccess } from "./aws-call.ts";
import type { CredentialSource } from "./credentials.ts";
import { openParameters, type Parameters } from "./parameters.ts";
import { openSecrets, type Secrets } from "./secrets.ts";

/** What phases read and write in AWS. The SDK clients are loaded by the first call. */
export interface Aws {
  readonly parameters: Parameters;
  readonly secrets: Secrets;
}

export function openAws(access: AwsAccess): Aws {
  const shared = { ...access, credentials: askedOnce(access.credentials) };
  return { parameters: openParameters(shared), secrets: openSecrets(shared) };
}

// Batches start together; without this each would ask IMDS for the same credentials.
function askedOnce(source: CredentialSource): CredentialSource {
  let asked: ReturnType<CredentialSource["get"]> | undefined;
  return {
    renew: () => source.renew(),
    get: () => (asked ??= source.get().finally(() => (asked = undefined))),
  };
}

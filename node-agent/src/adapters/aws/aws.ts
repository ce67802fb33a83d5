import type { Clock } from "../../base/wait.ts";
import type { CredentialSource } from "./credentials.ts";
import { type Objects, openObjects } from "./objects.ts";
import { openParameters, type Parameters } from "./parameters.ts";
import { openRegistries, type Registries } from "./registry-login.ts";
import type { AwsAccess } from "./sdk/aws-call.ts";
import { openSecrets, type Secrets } from "./secrets.ts";
import { signedAttempts } from "./signed/signed-attempt.ts";

/** What phases read and write in AWS. The SDK clients are loaded by the first call. */
export interface Aws {
  readonly parameters: Parameters;
  readonly secrets: Secrets;
  readonly objects: Objects;
  readonly registries: Registries;
  /** Version of a parameter or secret that was read, by full name; empty for one that was not there. */
  readonly versionOf: (name: string) => string;
}

export function openAws(access: AwsAccess, clock: Clock): Aws {
  const shared = { ...access, credentials: askedOnce(access.credentials) };
  const attempt = signedAttempts(shared, clock);
  const versions = new Map<string, string>();
  return {
    versionOf: (name) => versions.get(name) ?? "",
    parameters: openParameters(shared, versions),
    secrets: openSecrets(shared, versions),
    objects: openObjects(attempt, access.region),
    registries: openRegistries(attempt, access.region),
  };
}

// Batches start together; without this each would ask IMDS for the same credentials.
function askedOnce(source: CredentialSource): CredentialSource {
  let asked: ReturnType<CredentialSource["get"]> | undefined;
  return {
    renew: () => source.renew(),
    get: () => (asked ??= source.get().finally(() => (asked = undefined))),
  };
}

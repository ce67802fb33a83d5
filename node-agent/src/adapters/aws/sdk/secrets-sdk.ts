import { BatchGetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";
import type { ClientSettings } from "./aws-client.ts";

/** The one call of the Secrets Manager client; named in a module of its own, the bundle holds no more than this. */
export function openSecretsManager(settings: ClientSettings) {
  const client = new SecretsManagerClient(settings);
  return {
    getBatch: (ids: readonly string[], NextToken: string | undefined, abortSignal: AbortSignal) =>
      client.send(
        new BatchGetSecretValueCommand({ SecretIdList: [...ids], ...(NextToken === undefined ? {} : { NextToken }) }),
        { abortSignal },
      ),
  };
}

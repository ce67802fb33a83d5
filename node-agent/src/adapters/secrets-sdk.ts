/** What is used of the Secrets Manager client; named here so that the bundle holds no more than this. */
export { BatchGetSecretValueCommand, SecretsManagerClient } from "@aws-sdk/client-secrets-manager";

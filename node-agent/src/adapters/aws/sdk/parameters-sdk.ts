import { GetParametersCommand, PutParameterCommand, SSMClient } from "@aws-sdk/client-ssm";
import type { ClientSettings } from "./aws-client.ts";

/** The two calls of the SSM client; named in a module of their own, the bundle holds no more of its 150 commands. */
export function openSsm(settings: ClientSettings) {
  const client = new SSMClient(settings);
  return {
    get: (names: readonly string[], abortSignal: AbortSignal) =>
      client.send(new GetParametersCommand({ Names: [...names], WithDecryption: true }), { abortSignal }),
    put: (input: { Name: string; Type: "String" | "SecureString"; Value: string }, abortSignal: AbortSignal) =>
      client.send(new PutParameterCommand({ Overwrite: true, ...input }), { abortSignal }),
  };
}

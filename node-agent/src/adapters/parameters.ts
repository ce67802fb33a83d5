import type { SSMClient } from "@aws-sdk/client-ssm";
import { type Answer, done, notYet } from "../core/retry.ts";
import { Secret } from "../core/secret.ts";
import { type AwsAccess, attempt } from "./aws-call.ts";
import { clientSettings } from "./aws-client.ts";

/** SSM Parameter Store. Every method is one attempt; full names, as in `/greenleaf/prod/db/host`. */
export interface Parameters {
  /** Values by name, at most 10; a SecureString is a Secret, a name that does not exist is absent. */
  get(names: readonly string[], timeoutMs: number): Promise<Answer<ReadonlyMap<string, string | Secret>>>;
  /** Creates or replaces; a Secret becomes a SecureString under the account's default key. */
  put(name: string, value: string | Secret, timeoutMs: number): Promise<Answer<void>>;
}

export function openParameters(access: AwsAccess): Parameters {
  const { credentials } = access;
  let opened: Promise<{ client: SSMClient; sdk: typeof import("./parameters-sdk.ts") }> | undefined;
  const open = () => (opened ??= load(access));
  return {
    get: async (names, timeoutMs) => {
      const { client, sdk } = await open();
      const command = new sdk.GetParametersCommand({ Names: [...names], WithDecryption: true });
      const answer = await attempt({ action: "ssm:GetParameters", credentials, timeoutMs }, (abortSignal) =>
        client.send(command, { abortSignal }),
      );
      return answer.done ? complete(names, answer.value) : answer;
    },
    put: async (name, value, timeoutMs) => {
      const { client, sdk } = await open();
      const kind =
        value instanceof Secret
          ? { Type: "SecureString" as const, Value: value.reveal() }
          : { Type: "String" as const, Value: value };
      const command = new sdk.PutParameterCommand({ Name: name, Overwrite: true, ...kind });
      const answer = await attempt({ action: "ssm:PutParameter", credentials, timeoutMs }, (abortSignal) =>
        client.send(command, { abortSignal }),
      );
      return answer.done ? done(undefined) : answer;
    },
  };
}

async function load(access: AwsAccess) {
  const sdk = await import("./parameters-sdk.ts");
  return { sdk, client: new sdk.SSMClient(clientSettings(access)) };
}

type Given = Awaited<ReturnType<SSMClient["send"]>> & {
  Parameters?: ReadonlyArray<{ Name?: string; Value?: string; Type?: string }>;
  InvalidParameters?: readonly string[];
};

// A name in neither list means that the answer is not whole, and a part of the truth is worse than none.
function complete(names: readonly string[], given: object): Answer<ReadonlyMap<string, string | Secret>> {
  const { Parameters = [], InvalidParameters = [] } = given as Given;
  const found = new Map<string, string | Secret>();
  for (const { Name, Value, Type } of Parameters) {
    if (Name !== undefined && Value !== undefined) found.set(Name, Type === "SecureString" ? new Secret(Value) : Value);
  }
  const forgotten = names.filter((name) => !found.has(name) && !InvalidParameters.includes(name));
  return forgotten.length === 0 ? done(found) : notYet(`ssm:GetParameters: an answer without ${forgotten.join(", ")}`);
}

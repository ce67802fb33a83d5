import { Secret } from "../../base/secret.ts";
import { done, type ProbeResult, pending } from "../../base/wait.ts";
import { type AwsAccess, attempt } from "./sdk/aws-call.ts";
import { clientSettings } from "./sdk/aws-client.ts";

/** SSM Parameter Store. Every method is one attempt; full names, as in `/greenleaf/prod/db/host`. */
export interface Parameters {
  /** Values by name, at most 10; a SecureString is a Secret, a name that does not exist is absent. */
  get(names: readonly string[], timeoutMs: number): Promise<ProbeResult<ReadonlyMap<string, string | Secret>>>;
  /** Creates or replaces; a Secret becomes a SecureString under the account's default key. */
  put(name: string, value: string | Secret, timeoutMs: number): Promise<ProbeResult<void>>;
}

export function openParameters(access: AwsAccess, versions = new Map<string, string>()): Parameters {
  const { credentials } = access;
  let opened: ReturnType<typeof load> | undefined;
  const open = () => (opened ??= load(access));
  return {
    get: async (names, timeoutMs) => {
      const ssm = await open();
      const call = { action: "ssm:GetParameters", credentials, timeoutMs };
      const answer = await attempt(call, (signal) => ssm.get(names, signal));
      if (answer.done) noteVersions(answer.value, versions);
      return answer.done ? complete(names, answer.value) : answer;
    },
    put: async (name, value, timeoutMs) => {
      const ssm = await open();
      const [Type, Value] =
        value instanceof Secret ? (["SecureString", value.reveal()] as const) : (["String", value] as const);
      const call = { action: "ssm:PutParameter", credentials, timeoutMs };
      const answer = await attempt(call, (signal) => ssm.put({ Name: name, Type, Value }, signal));
      return answer.done ? done(undefined) : answer;
    },
  };
}

async function load(access: AwsAccess) {
  const { openSsm } = await import("./sdk/parameters-sdk.ts");
  return openSsm(clientSettings(access));
}

interface Given {
  readonly Parameters?: ReadonlyArray<{ Name?: string; Value?: string; Type?: string; Version?: number }>;
  readonly InvalidParameters?: readonly string[];
}

function noteVersions(given: object, versions: Map<string, string>): void {
  for (const { Name, Version } of (given as Given).Parameters ?? [])
    if (Name !== undefined) versions.set(Name, String(Version ?? ""));
}

// A name in neither list means that the answer is not whole, and a part of the truth is worse than none.
function complete(names: readonly string[], given: object): ProbeResult<ReadonlyMap<string, string | Secret>> {
  const { Parameters = [], InvalidParameters = [] } = given as Given;
  const found = new Map<string, string | Secret>();
  for (const { Name, Value, Type } of Parameters) {
    if (Name !== undefined && Value !== undefined) found.set(Name, Type === "SecureString" ? new Secret(Value) : Value);
  }
  const forgotten = names.filter((name) => !found.has(name) && !InvalidParameters.includes(name));
  return forgotten.length === 0 ? done(found) : pending(`ssm:GetParameters: an answer without ${forgotten.join(", ")}`);
}

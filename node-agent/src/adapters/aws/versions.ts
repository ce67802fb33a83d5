import { awsDomain } from "../../base/aws-domain.ts";
import { ConfigurationError } from "../../base/errors.ts";
import { isCount, isText, listOf, mapOf, optional, parsed, shape } from "../../base/shape.ts";
import { done, type ProbeResult, pending } from "../../base/wait.ts";
import { type Versions, versionsOf } from "../../core/node/watched-values.ts";
import type { Attempt } from "./signed/signed-attempt.ts";

/** Which versions there are now. One attempt each; asks for nothing to be decrypted. */
export interface CurrentVersions {
  /** At most 10 names; an empty version of what does not exist. */
  parameters(names: readonly string[], timeoutMs: number): Promise<ProbeResult<Versions>>;
  /** Of the value that is current; empty where there is none to read. */
  secret(id: string, timeoutMs: number): Promise<ProbeResult<string>>;
}

/** Without an SDK client: the daemon asks (decision 11). */
export function currentVersions(attempt: Attempt, region: string): CurrentVersions {
  const call = (action: "ssm:GetParameters" | "secretsmanager:DescribeSecret", body: object) => {
    const [service = "", operation] = action.split(":");
    const prefix = service === "ssm" ? "AmazonSSM" : service;
    return {
      action,
      service,
      host: `${service}.${region}.${awsDomain(region)}`,
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": `${prefix}.${operation}` },
      body: JSON.stringify(body),
    } as const;
  };
  return {
    parameters: async (names, timeoutMs) => {
      const asked = call("ssm:GetParameters", { Names: names, WithDecryption: false });
      const answer = await attempt(asked, timeoutMs);
      return answer.done ? parametersIn(names, answer.value.body) : answer;
    },
    secret: async (id, timeoutMs) => {
      const asked = call("secretsmanager:DescribeSecret", { SecretId: id });
      const answer = await attempt(asked, timeoutMs).catch(absent);
      if (!answer.done) return answer;
      return answer.value === undefined ? done("") : secretIn(id, answer.value.body);
    },
  };
}

// Of a name that is not there the one service says so in its answer, the other refuses.
function absent(error: unknown): ProbeResult<undefined> {
  if (error instanceof ConfigurationError && error.code === "aws.refused") return done(undefined);
  throw error;
}

interface Parameters {
  readonly Parameters: ReadonlyArray<{ readonly Name: string; readonly Version: number }>;
  readonly InvalidParameters?: readonly string[];
}

const isParameters = shape({
  Parameters: listOf(shape({ Name: isText, Version: isCount })),
  InvalidParameters: optional(listOf(isText)),
});

function parametersIn(names: readonly string[], body: string): ProbeResult<Versions> {
  const answer = parsed(body, isParameters) as Parameters | undefined;
  const versions = new Map(answer?.Parameters.map(({ Name, Version }) => [Name, String(Version)]));
  const isWhole = names.every((name) => versions.has(name) || answer?.InvalidParameters?.includes(name));
  return isWhole ? done(versionsOf(names, (name) => versions.get(name) ?? "")) : pending("an answer that is not whole");
}

interface Described {
  readonly VersionIdsToStages?: Readonly<Record<string, readonly string[]>>;
  readonly DeletedDate?: unknown;
}

const isDescribed = shape({ VersionIdsToStages: optional(mapOf(listOf(isText))) });

function secretIn(id: string, body: string): ProbeResult<string> {
  const answer = parsed(body, isDescribed) as Described | undefined;
  if (answer === undefined) return pending(`an answer about ${id} that cannot be read`);
  const stages = Object.entries(answer.VersionIdsToStages ?? {});
  const [current = ""] = stages.find(([, labels]) => labels.includes("AWSCURRENT")) ?? [];
  // A date, or null where it is not to be deleted.
  return done(typeof answer.DeletedDate === "number" ? "" : current);
}

import { awsDomain } from "../../base/aws-domain.ts";
import { Secret } from "../../base/secret.ts";
import { done, type ProbeResult, pending } from "../../base/wait.ts";
import type { Attempt } from "./signed/signed-attempt.ts";

/** What the engine shows a registry; lives in memory only, for twelve hours. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: Secret;
}

/** Amazon's registry, ECR. */
export interface Registries {
  /** One attempt at a new token for a registry of this region. */
  login(account: string, timeoutMs: number): Promise<ProbeResult<RegistryAuth>>;
}

const TARGET = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";

export function openRegistries(attempt: Attempt, region: string): Registries {
  return {
    login: async (account, timeoutMs) => {
      const wanted = {
        action: "ecr:GetAuthorizationToken",
        service: "ecr",
        host: `api.ecr.${region}.${awsDomain(region)}`,
        method: "POST",
        path: "/",
        headers: { "content-type": "application/x-amz-json-1.1", "x-amz-target": TARGET },
        body: JSON.stringify({ registryIds: [account] }),
      } as const;
      const answer = await attempt(wanted, timeoutMs);
      return answer.done ? authOf(answer.value.body) : answer;
    },
  };
}

// The answer holds the password: no part of it may reach a message.
function authOf(body: string): ProbeResult<RegistryAuth> {
  const token = /"authorizationToken"\s*:\s*"([A-Za-z0-9+/=]+)"/.exec(body)?.[1];
  const [username, password] = Buffer.from(token ?? "", "base64")
    .toString()
    .split(":", 2);
  if (!username || !password) return pending("ecr:GetAuthorizationToken: an answer without a token");
  return done({ username, password: new Secret(password) });
}

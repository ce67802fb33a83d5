import { type Answer, done, notYet } from "../core/retry.ts";
import { Secret } from "../core/secret.ts";
import type { Attempt } from "./signed-attempt.ts";

/** What the engine shows a registry; lives in memory only, for twelve hours. */
export interface RegistryAuth {
  readonly username: string;
  readonly password: Secret;
}

/** Amazon's registry, ECR. */
export interface Registries {
  /** One attempt at a new token for a registry of this region. */
  login(account: string, timeoutMs: number): Promise<Answer<RegistryAuth>>;
}

const TARGET = "AmazonEC2ContainerRegistry_V20150921.GetAuthorizationToken";

export function openRegistries(attempt: Attempt, region: string): Registries {
  return {
    login: async (account, timeoutMs) => {
      const wanted = {
        action: "ecr:GetAuthorizationToken",
        service: "ecr",
        host: `api.ecr.${region}.amazonaws.com`,
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
function authOf(body: string): Answer<RegistryAuth> {
  const token = /"authorizationToken"\s*:\s*"([A-Za-z0-9+/=]+)"/.exec(body)?.[1];
  const [username, password] = Buffer.from(token ?? "", "base64")
    .toString()
    .split(":", 2);
  if (!username || !password) return notYet("ecr:GetAuthorizationToken: an answer without a token");
  return done({ username, password: new Secret(password) });
}

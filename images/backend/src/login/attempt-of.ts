/** A request below /auth, as far as it matters here; `path` begins behind /auth. */
export type AuthRequest = { method: string; path: string; body: unknown };

export type AuthStep = { kind: "login" | "reset" | "logout" | "none"; actor: string; account: string | undefined };

/**
 * What a request below /auth tries. All that could be right or wrong is an attempt, known or not: logging in and
 * registering (by any method, Express answers HEAD by GET), resetting, codes, tokens. Sessions and refreshes are not:
 * they need a token, which nobody guesses.
 */
export function authStep({ method, path, body }: AuthRequest): AuthStep {
  const [actor = "", provider = "", step = ""] = path.toLowerCase().split("/").filter(Boolean);
  const given = (typeof body === "object" && body !== null ? body : {}) as Record<string, unknown>;
  const account = [given["email"], given["identifier"]].find((name) => typeof name === "string") as string | undefined;
  const kind = () => {
    if (method === "OPTIONS") return "none";
    if (actor === "session") return method === "DELETE" ? "logout" : "none";
    if ((actor === "token" && provider === "refresh") || (provider === "providers" && method === "GET")) return "none";
    return step === "reset-password" ? "reset" : "login";
  };
  return { kind: kind(), actor, account };
}

/** NIST SP 800-63B asks for length and for nothing else. */
const SHORTEST = { staff: 12, customer: 8 } as const;
export const SHORTEST_ADMIN_PASSWORD = SHORTEST.staff;

/** Whoever is not known to be a customer is held to the rule for staff. */
export function passwordProblem(actor: string, password: unknown): string | undefined {
  const shortest = actor === "customer" ? SHORTEST.customer : SHORTEST.staff;
  if (typeof password !== "string" || Array.from(password).length >= shortest) return undefined;
  return `The password must have ${shortest} characters or more.`;
}

/** The actor of /auth/:actor_type/…, as Express reads it: blind to case. */
export function actorOf(given: { actor_type?: unknown; url?: unknown }): string {
  if (typeof given.actor_type === "string") return given.actor_type.toLowerCase();
  const [, actor = ""] = /^\/auth\/([^/?]+)/i.exec(String(given.url ?? "")) ?? [];
  return actor.toLowerCase();
}

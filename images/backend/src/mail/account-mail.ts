import { createHash } from "node:crypto";
import type { Due } from "./due.ts";
import { invitation, passwordReset, welcome } from "./letters/account-letters.ts";
import { type Office, toldLanguage } from "./office.ts";

type Customer = { email?: string | null; first_name?: string | null; has_account: boolean; metadata?: unknown };

/** A guest's order makes a customer too; only who opened an account is welcomed. */
export async function welcomeMail({ id }: { id?: unknown }, office: Office): Promise<Due[]> {
  const fields = ["id", "email", "first_name", "has_account", "metadata"];
  const customer = await office.find<Customer>("customer", { fields, filters: { id } });
  if (typeof id !== "string" || !customer?.email || !customer.has_account) return [];
  const sheet = await office.sheet(toldLanguage(customer.metadata, office));
  const letter = welcome(customer.first_name || undefined, sheet);
  return [
    { key: `welcome:${id}`, to: customer.email, template: "welcome", resource: { id, type: "customer" }, letter },
  ];
}

type Reset = { entity_id?: unknown; actor_type?: unknown; token?: unknown; metadata?: unknown };

export async function resetMail({ entity_id: to, actor_type: actor, token, metadata }: Reset, office: Office) {
  if (typeof to !== "string" || typeof token !== "string" || isOver(token)) return [];
  const isStaff = actor !== "customer";
  const sheet = await office.sheet(isStaff ? office.mail.language : toldLanguage(metadata, office));
  const letter = passwordReset({ token, isStaff }, sheet);
  return [{ key: `reset:${digest(token)}`, to, template: "password-reset", resource: undefined, letter }];
}

type Invite = { email?: string | null; token: string; accepted: boolean; expires_at: string | Date };

export async function inviteMail({ id }: { id?: unknown }, office: Office): Promise<Due[]> {
  const fields = ["id", "email", "token", "accepted", "expires_at"];
  const invite = await office.find<Invite>("invite", { fields, filters: { id } });
  if (typeof id !== "string" || !invite?.email || invite.accepted) return [];
  const sheet = await office.sheet(office.mail.language);
  const letter = invitation({ token: invite.token, expiresAt: invite.expires_at }, sheet);
  // An invitation sent once more has another token.
  const key = `invite:${id}:${digest(invite.token)}`;
  return [{ key, to: invite.email, template: "invite", resource: { id, type: "invite" }, letter }];
}

const digest = (token: string): string => createHash("sha256").update(token).digest("hex").slice(0, 32);

/** A link that no longer opens anything is not worth a letter; the server may have been away that long. */
function isOver(token: string): boolean {
  try {
    const claims = JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString("utf8")) as {
      exp?: unknown;
    };
    return typeof claims.exp === "number" && claims.exp * 1_000 < Date.now();
  } catch {
    // Not a token of ours: whoever opens it is told so.
    return false;
  }
}

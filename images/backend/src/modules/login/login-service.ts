import { EmailPassAuthService } from "@medusajs/auth-emailpass/dist/services/emailpass";
import type {
  AuthenticationInput,
  AuthenticationResponse,
  AuthIdentityDTO,
  AuthIdentityProviderService,
} from "@medusajs/framework/types";
import { isPresent, MedusaError } from "@medusajs/framework/utils";
import { doors } from "../../login/doors.ts";
import { actorOf, passwordProblem } from "../../login/password.ts";

type Update = { password: string; entity_id: string };

/**
 * Medusa's own e-mail and password, with two rules of the shop: a password has a shortest length, by whichever route it
 * comes, and a name that nobody has costs the same hash as one that somebody has.
 */
export class LoginService extends EmailPassAuthService {
  static override identifier = "emailpass";

  override async authenticate(
    input: AuthenticationInput,
    identities: AuthIdentityProviderService,
  ): Promise<AuthenticationResponse> {
    const { email, password } = input.body ?? {};
    const known = await find(email, identities);
    if (isText(email) && isText(password) && !this.hasHash(known)) await this.hashPassword(password);
    const answer = await super.authenticate(input, identities);
    const weak = answer.success ? this.weakness(input, answer.authIdentity) : undefined;
    return weak === undefined ? answer : { success: false, error: weak };
  }

  override async register(
    input: AuthenticationInput,
    identities: AuthIdentityProviderService,
  ): Promise<AuthenticationResponse> {
    const { email, password } = input.body ?? {};
    const problem = passwordProblem(actorOf(input), password);
    if (problem !== undefined) return { success: false, error: problem };
    const known = await find(email, identities);
    // A new name is hashed, and so is one that waits for its owner; one that is taken would be told without.
    const isHashed = known === undefined || (!isPresent(known.app_metadata) && this.hasHash(known));
    if (!isHashed && isText(password)) await this.hashPassword(password);
    return super.register(input, identities);
  }

  override async update(data: Update, identities: AuthIdentityProviderService) {
    const known = await find(data?.entity_id, identities);
    const problem = passwordProblem(isStaff(known) ? "user" : "customer", data?.password);
    if (problem !== undefined) return { success: false, error: problem };
    const updated = await super.update(data, identities);
    // Whoever knew the old password, or stole what it opened, is out.
    if (updated.success && known && isText(data?.password)) await doors()?.logouts.end(known.id);
    return updated;
  }

  /** A short password of a customer must not become an administrator's by the way of an invitation. */
  private weakness(input: AuthenticationInput, identity: AuthIdentityDTO | undefined): string | undefined {
    const actor = actorOf(input);
    const isActor = isPresent(identity?.app_metadata?.[`${actor}_id`]);
    return isActor ? undefined : passwordProblem(actor, input.body?.["password"]);
  }

  private hasHash(identity: AuthIdentityDTO | undefined): boolean {
    const own = identity?.provider_identities?.find(({ provider }) => provider === this.provider);
    return isText(own?.provider_metadata?.["password"]);
  }
}

const isText = (value: unknown): value is string => typeof value === "string" && value !== "";
const isStaff = (identity: AuthIdentityDTO | undefined): boolean => isPresent(identity?.app_metadata?.["user_id"]);

async function find(email: unknown, identities: AuthIdentityProviderService): Promise<AuthIdentityDTO | undefined> {
  if (!isText(email)) return undefined;
  try {
    return await identities.retrieve({ entity_id: email });
  } catch (error) {
    if (error instanceof Error && "type" in error && error.type === MedusaError.Types.NOT_FOUND) return undefined;
    throw error;
  }
}

import type { MedusaContainer } from "@medusajs/framework/types";
import { Modules } from "@medusajs/framework/utils";
import { createUsersWorkflow } from "@medusajs/medusa/core-flows";
import type { Admin } from "../environment.ts";

const provider = "emailpass";

/**
 * The first person who may log in. A user and a password are two records, either of which may already be there; a
 * password that is already there is never changed, its owner may have done so since.
 */
export async function seedAdmin(container: MedusaContainer, { email, password }: Admin): Promise<void> {
  const [known] = await container.resolve(Modules.USER).listUsers({ email });
  const userId = known?.id ?? (await createUser(container, email));
  const auth = container.resolve(Modules.AUTH);
  const [login] = await auth.listProviderIdentities({ entity_id: email, provider });
  if (login?.auth_identity_id) {
    await auth.updateAuthIdentities({ id: login.auth_identity_id, app_metadata: { user_id: userId } });
    return;
  }
  const { authIdentity, error } = await auth.register(provider, { body: { email, password } });
  if (!authIdentity) throw new Error(`Medusa did not accept the admin's password: ${error}`);
  await auth.updateAuthIdentities({ id: authIdentity.id, app_metadata: { user_id: userId } });
}

async function createUser(container: MedusaContainer, email: string): Promise<string> {
  const { result } = await createUsersWorkflow(container).run({ input: { users: [{ email }] } });
  const [user] = result;
  if (!user) throw new Error("Medusa made no admin user");
  return user.id;
}

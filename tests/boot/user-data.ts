import type { Role } from "../../node-agent/src/core/config/node-document.ts";
import { heredoc, keysOf } from "../terraform/user-data.ts";
import type { World } from "./world.ts";

/**
 * The script of the document's role, with this account's key and addresses in it. Nothing else differs from what
 * Terraform gives EC2, but members of the node document that are given here.
 */
export function userDataFor(world: World, document: { readonly role?: Role } = {}): string {
  const script = world.scripts[document.role ?? "app"];
  const node = JSON.parse(heredoc(script, "NODE")) as Record<string, unknown>;
  const ours = { ...node, endpoints: { aws: world.aws }, ...document };
  return script
    .replace(heredoc(script, "NODE"), () => JSON.stringify(ours))
    .replace(keysOf(script).replaceAll("\n", "\\n"), () => world.publicKey.trim().replaceAll("\n", "\\n"))
    .replaceAll(/https:\/\/[a-z0-9.-]*\.s3\.[a-z0-9-]+\.amazonaws\.com/g, `${world.aws}/${artifacts}`);
}

const artifacts = "greenleaf-artifacts-123456789012";

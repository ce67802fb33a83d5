import type { Role } from "../../node-agent/src/core/node-document.ts";
import { type Planned, planFleet, recorded } from "../../scripts/fleet/plans.ts";
import { ofType } from "../../scripts/fleet/resource.ts";
import { heredoc } from "../terraform/user-data.ts";
import { ENVIRONMENT, type World } from "./world.ts";

let planned: Promise<readonly Planned[]> | undefined;

/**
 * A role's script as a plan holds it: Terraform's own where it is installed, else the recorded plan's. What no plan can
 * know before it is applied, a router's interface, was recorded from an apply.
 */
export async function plannedUserData(role: Role): Promise<string> {
  planned ??= planFleet([ENVIRONMENT]);
  const [plan] = await planned;
  const found = scriptOf(role, plan) ?? scriptOf(role, await recorded(ENVIRONMENT, "known after apply"));
  return Buffer.from(String(found), "base64").toString();
}

// Every zone has a router of its own; the first one's.
function scriptOf(role: Role, plan: Planned | undefined): unknown {
  const templates = ofType(plan?.resources ?? [], "aws_launch_template");
  return templates.find(({ address }) => address.startsWith(`module.${role}.`))?.values.user_data;
}

/**
 * The script of the document's role, with this account's key and addresses in it. Nothing else differs from what
 * Terraform gives EC2, but members of the node document that are given here.
 */
export async function userDataFor(world: World, document: { readonly role?: Role } = {}): Promise<string> {
  const script = await plannedUserData(document.role ?? "app");
  const node = JSON.parse(heredoc(script, "NODE")) as Record<string, unknown>;
  const ours = { ...node, endpoints: { aws: world.aws }, ...document };
  return script
    .replace(heredoc(script, "NODE"), () => JSON.stringify(ours))
    .replace(heredoc(script, "KEY"), () => world.publicKey.trim())
    .replaceAll(/https:\/\/[a-z0-9.-]*\.s3\.[a-z0-9-]+\.amazonaws\.com/g, `${world.aws}/${artifacts}`);
}

const artifacts = "greenleaf-artifacts-123456789012";

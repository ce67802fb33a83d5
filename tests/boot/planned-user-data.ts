import type { Role } from "../../node-agent/src/core/config/node-document.ts";
import { type Planned, planFleet, recorded } from "../../scripts/fleet/plans.ts";
import { ofType } from "../../scripts/fleet/resource.ts";

/**
 * The script of each role as a plan holds it: Terraform's own where it is installed, else the recorded plan's. What no
 * plan can know before it is applied, a router's interface, was recorded from an apply.
 */
export async function plannedUserData(environment: string): Promise<Readonly<Record<Role, string>>> {
  const [plan] = await planFleet([environment]);
  const applied = await recorded(environment, "known after apply");
  const script = (role: Role) =>
    Buffer.from(String(scriptOf(role, plan) ?? scriptOf(role, applied)), "base64").toString();
  return { app: script("app"), router: script("router") };
}

// Every zone has a router of its own; the first one's.
function scriptOf(role: Role, plan: Planned | undefined): unknown {
  const templates = ofType(plan?.resources ?? [], "aws_launch_template");
  return templates.find(({ address }) => address.startsWith(`module.${role}.`))?.values.user_data;
}

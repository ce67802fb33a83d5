import { planFleet } from "../../scripts/fleet/plans.ts";
import { ofType } from "../../scripts/fleet/resource.ts";
import { heredoc } from "../terraform/user-data.ts";
import { ENVIRONMENT, type World } from "./world.ts";

let planned: Promise<string> | undefined;

/** The app node's script as a plan holds it: Terraform's own where it is installed, else the recorded plan's. */
export function plannedUserData(): Promise<string> {
  planned ??= planFleet([ENVIRONMENT]).then(([plan]) => {
    const templates = ofType(plan?.resources ?? [], "aws_launch_template");
    const app = templates.find(({ address }) => address.startsWith("module.app."));
    return Buffer.from(String(app?.values.user_data), "base64").toString();
  });
  return planned;
}

/**
 * The script with this account's key and addresses in it. Nothing else differs from what Terraform gives EC2; every role
 * has the same script, and `document` of its own.
 */
export async function userDataFor(world: World, document: object = {}): Promise<string> {
  const script = await plannedUserData();
  const node = JSON.parse(heredoc(script, "NODE")) as Record<string, unknown>;
  const ours = { ...node, endpoints: { aws: world.standIn.url }, ...document };
  return script
    .replace(heredoc(script, "NODE"), () => JSON.stringify(ours))
    .replace(heredoc(script, "KEY"), () => world.publicKey.trim())
    .replaceAll(/https:\/\/[a-z0-9.-]*\.s3\.[a-z0-9-]+\.amazonaws\.com/g, `${world.standIn.url}/${artifacts}`);
}

const artifacts = "greenleaf-artifacts-123456789012";

import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { query } from "../../scripts/fleet/aws.ts";
import type { Ran } from "../../scripts/fleet/terraform.ts";
import type { MotoFleet } from "./moto-fleet.ts";

const SCALING = { service: "autoscaling", version: "2011-01-01" };
const GROUP = "greenleaf-preprod-app";
const SIZES = ["MinSize", "MaxSize", "DesiredCapacity"] as const;

export interface Night {
  readonly made: Ran;
  readonly asleep: Readonly<Record<string, string | undefined>>;
  readonly applied: Ran;
  readonly after: Readonly<Record<string, string | undefined>>;
}

/**
 * Preprod's nodes and their schedule, put to sleep by what the planned action says, then changed by an apply. The balancer
 * is left out: no group's size depends on it.
 */
export async function nightlyApply(fleet: MotoFleet): Promise<Night> {
  const apply = (...more: readonly string[]) =>
    fleet.answered(["apply", "-var-file=envs/preprod.tfvars", ...more], "preprod");
  const made = await apply("-target=module.schedules.aws_autoscaling_schedule.stop");
  await fireStop(fleet);
  const asleep = await sizes(fleet);
  const applied = await apply(
    "-target=module.app.module.group",
    '-var=app={instance_type="t3.large",min=2,max=6,volume_gb=24}',
  );
  return { made, asleep, applied, after: await sizes(fleet) };
}

// moto keeps scheduled actions but never fires one.
async function fireStop({ account }: MotoFleet): Promise<void> {
  const xml = await query(account, SCALING, "DescribeScheduledActions", { AutoScalingGroupName: GROUP });
  const action = xml.split("<member>").find((part) => part.includes(">stop-")) ?? "";
  const form = Object.fromEntries(SIZES.map((name) => [name, elementText(action, name) ?? ""]));
  await query(account, SCALING, "UpdateAutoScalingGroup", { AutoScalingGroupName: GROUP, ...form });
}

async function sizes({ account }: MotoFleet): Promise<Readonly<Record<string, string | undefined>>> {
  const xml = await query(account, SCALING, "DescribeAutoScalingGroups", { "AutoScalingGroupNames.member.1": GROUP });
  const template = xml.split("<LaunchTemplate>")[1] ?? "";
  return {
    ...Object.fromEntries(SIZES.map((name) => [name, elementText(xml, name)])),
    version: elementText(template, "Version"),
  };
}

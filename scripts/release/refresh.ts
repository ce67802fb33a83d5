import { systemClock } from "../../node-agent/src/base/clock.ts";
import { UnhealthyError } from "../../node-agent/src/base/errors.ts";
import { done, type ProbeResult, pending, until } from "../../node-agent/src/base/wait.ts";
import { elementText } from "../../node-agent/src/core/aws/answer.ts";
import { type AwsAccount, AwsRefusal, query } from "../fleet/aws.ts";
import { lostLaunch, refreshProgress } from "./decisions.ts";

const SCALING = { service: "autoscaling", version: "2011-01-01" };
/** New nodes first, old ones after, as Terraform sets it on the group too; or, where a node has what no second one can have, instead. */
const HEALTHY = {
  before: { "Preferences.MinHealthyPercentage": "100", "Preferences.MaxHealthyPercentage": "150" },
  instead: { "Preferences.MinHealthyPercentage": "0", "Preferences.MaxHealthyPercentage": "100" },
};
const PREFERENCES = {
  "Preferences.InstanceWarmup": "60",
  // The launch template stays as it is; it is the release that is new.
  "Preferences.SkipMatching": "false",
};

export interface Refreshing {
  readonly group: string;
  /** Whether a new node starts before the old one ends; it does unless said otherwise. */
  readonly start?: keyof typeof HEALTHY;
  readonly everyMs: number;
  readonly withinMs: number;
  readonly log: (text: string) => void;
}

/**
 * Replaces every node of a group by instance refresh. A first node that its launch hook gives up ends it: Auto Scaling
 * itself would go on trying for an hour.
 */
export async function refreshGroup(account: AwsAccount, refreshing: Refreshing): Promise<void> {
  const { group, start: order = "before", everyMs, withinMs, log } = refreshing;
  const began = new Date();
  const id = await start(account, group, order);
  const wait = { what: `the instance refresh of ${group}`, withinMs, everyMs, fix: `./greenleaf fleet status` };
  try {
    await until(systemClock, wait, async () => {
      const lost = await abandoned(account, group, began);
      if (lost !== undefined) throw failed(group, lost);
      return progressOf(account, { group, id, log });
    });
  } catch (error) {
    await cancel(account, group);
    throw error;
  }
}

const UNSETTLED = /<Status>(Pending|InProgress|Baking|Cancelling|RollbackInProgress)<\/Status>/;

/** Waits for what was begun before to end: a refresh that was cancelled goes on for a while, and AWS refuses a second. */
export async function settleGroup(account: AwsAccount, settling: Omit<Refreshing, "start">): Promise<void> {
  const { group, everyMs, withinMs, log } = settling;
  const fix = "wait for its end, then run the same command again";
  const wait = { what: `the instance refresh before this one of ${group}`, withinMs, everyMs, fix };
  await until(systemClock, wait, async () => {
    const xml = await query(account, SCALING, "DescribeInstanceRefreshes", { AutoScalingGroupName: group });
    const status = UNSETTLED.exec(xml)?.[1];
    if (status === undefined) return done(undefined);
    log(`the one before is ${status}`);
    return pending(`it is ${status}`);
  });
}

async function start(account: AwsAccount, group: string, order: keyof typeof HEALTHY): Promise<string> {
  const fields = { AutoScalingGroupName: group, Strategy: "Rolling", ...HEALTHY[order], ...PREFERENCES };
  try {
    const xml = await query(account, SCALING, "StartInstanceRefresh", fields);
    return elementText(xml, "InstanceRefreshId") ?? "";
  } catch (error) {
    if (error instanceof AwsRefusal) throw failed(group, error.message);
    throw error;
  }
}

async function progressOf(
  account: AwsAccount,
  { group, id, log }: { group: string; id: string; log: (text: string) => void },
): Promise<ProbeResult<void>> {
  const fields = { AutoScalingGroupName: group, "InstanceRefreshIds.member.1": id };
  const xml = await query(account, SCALING, "DescribeInstanceRefreshes", fields);
  const progress = refreshProgress(xml, id);
  if (progress.is === "failed") throw failed(group, progress.why);
  if (progress.is === "under way") {
    log(progress.told);
    return pending(progress.told);
  }
  log(progress.value);
  return done(undefined);
}

async function abandoned(account: AwsAccount, group: string, since: Date): Promise<string | undefined> {
  const xml = await query(account, SCALING, "DescribeScalingActivities", { AutoScalingGroupName: group });
  return lostLaunch(xml, since);
}

async function cancel(account: AwsAccount, group: string): Promise<void> {
  try {
    await query(account, SCALING, "CancelInstanceRefresh", { AutoScalingGroupName: group });
  } catch (error) {
    // Nothing to cancel: it ended by itself.
    if (!(error instanceof AwsRefusal)) throw error;
  }
}

function failed(group: string, why: string): UnhealthyError {
  return new UnhealthyError(`deploy: the nodes of ${group} could not be replaced`, {
    code: "deploy.replace",
    why,
    fix: "the nodes that were there go on; the console of the lost one (aws ec2 get-console-output) names the phase",
  });
}

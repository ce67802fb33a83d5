import { systemClock } from "../../node-agent/src/base/clock.ts";
import { done, type ProbeResult, pending, until } from "../../node-agent/src/base/wait.ts";
import { type AwsAccount, AwsRefusal, json } from "../fleet/aws.ts";
import { type CommandAnswer, commandProgress, type Invocation } from "./decisions.ts";

const SSM = { service: "ssm", target: "AmazonSSM" };

export interface Command {
  readonly instanceId: string;
  readonly commands: readonly string[];
  readonly everyMs: number;
  readonly withinMs: number;
}

/** Runs shell lines on one node through SSM Run Command, to their end. */
export async function runCommand(account: AwsAccount, command: Command): Promise<CommandAnswer> {
  const { instanceId, commands, everyMs, withinMs } = command;
  const seconds = String(Math.ceil(withinMs / 1000));
  const sent = await json(account, SSM, "SendCommand", {
    DocumentName: "AWS-RunShellScript",
    InstanceIds: [instanceId],
    Parameters: { commands, executionTimeout: [seconds] },
    TimeoutSeconds: 60,
  });
  const { CommandId } = sent.Command as { CommandId: string };
  const wait = { what: `the command on ${instanceId}`, withinMs, everyMs, fix: `./greenleaf connect ${instanceId}` };
  return until(systemClock, wait, () => answerOf(account, CommandId, instanceId));
}

async function answerOf(
  account: AwsAccount,
  CommandId: string,
  InstanceId: string,
): Promise<ProbeResult<CommandAnswer>> {
  try {
    const invocation: Invocation = await json(account, SSM, "GetCommandInvocation", { CommandId, InstanceId });
    const progress = commandProgress(invocation);
    return progress.is === "over"
      ? done(progress.value)
      : pending(progress.is === "failed" ? progress.why : progress.told);
  } catch (error) {
    // The node has not heard of it yet.
    if (error instanceof AwsRefusal && error.code === "InvocationDoesNotExist") return pending("it has not begun");
    throw error;
  }
}

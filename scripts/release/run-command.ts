import { systemClock } from "../../node-agent/src/adapters/clock.ts";
import { type Answer, done, notYet, until } from "../../node-agent/src/core/retry.ts";
import { type AwsAccount, AwsRefusal, json } from "../fleet/aws.ts";

const SSM = { service: "ssm", target: "AmazonSSM" };

export interface Command {
  readonly instanceId: string;
  readonly commands: readonly string[];
  readonly everyMs: number;
  readonly withinMs: number;
}

export interface CommandAnswer {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
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

const UNDER_WAY = new Set(["Pending", "InProgress", "Delayed", "Cancelling"]);

interface Told {
  readonly Status?: string;
  readonly StandardOutputContent?: string;
  readonly StandardErrorContent?: string;
  readonly ResponseCode?: number;
}

async function answerOf(account: AwsAccount, CommandId: string, InstanceId: string): Promise<Answer<CommandAnswer>> {
  try {
    const told: Told = await json(account, SSM, "GetCommandInvocation", { CommandId, InstanceId });
    const { Status = "unknown", StandardOutputContent = "", StandardErrorContent = Status, ResponseCode = -1 } = told;
    if (UNDER_WAY.has(Status)) return notYet(`it is ${Status}`);
    const code = Status === "Success" ? 0 : ResponseCode || -1;
    return done({ code, stdout: StandardOutputContent, stderr: StandardErrorContent });
  } catch (error) {
    // The node has not heard of it yet.
    if (error instanceof AwsRefusal && error.code === "InvocationDoesNotExist") return notYet("it has not begun");
    throw error;
  }
}

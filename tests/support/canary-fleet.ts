import type { AwsAccount } from "../../scripts/fleet/aws.ts";
import { type Asked, accountAt, serverFor, type Told } from "./release-aws.ts";

export interface Run {
  readonly code: number;
  readonly stdout: string;
}

export interface CanaryFleet {
  readonly account: AwsAccount;
  /** What each node was told to run, in order: `i-1 boot ssm:/greenleaf/prod/canary`. */
  readonly told: string[];
  /** Nodes that are no longer there, or what the balancer says of one; healthy otherwise. */
  readonly targets: Map<string, string>;
}

/** AWS as far as a canary asks it: instances, the balancer's word, and Run Command, which `run` plays. */
export async function canaryFleet(
  ids: readonly string[],
  run: (id: string, line: string) => Promise<Run> | Run,
): Promise<CanaryFleet> {
  const targets = new Map<string, string>();
  const told: string[] = [];
  const runs = new Map<string, Run | undefined>();
  const send = ({ body }: Asked): Told => {
    const { InstanceIds, Parameters } = JSON.parse(body.toString()) as {
      InstanceIds: [string];
      Parameters: { commands: [string, ...string[]] };
    };
    const [id] = InstanceIds;
    const [line] = Parameters.commands;
    const CommandId = `c-${runs.size}`;
    runs.set(CommandId, undefined);
    if (!line.includes(" traffic"))
      told.push(`${id} ${line.split("main.js ")[1]?.replace(" >/dev/null", "").replace("--release ", "")}`);
    void Promise.resolve(run(id, line)).then((ended) => runs.set(CommandId, ended));
    return { body: JSON.stringify({ Command: { CommandId } }) };
  };
  const invocation = ({ body }: Asked): Told => {
    const { CommandId } = JSON.parse(body.toString()) as { CommandId: string };
    const ended = runs.get(CommandId);
    if (ended === undefined) return { body: '{"Status":"InProgress"}' };
    const { code, stdout } = ended;
    const Status = code === 0 ? "Success" : "Failed";
    return {
      body: JSON.stringify({ Status, ResponseCode: code, StandardOutputContent: stdout, StandardErrorContent: "" }),
    };
  };
  const present = () => ids.filter((id) => targets.get(id) !== "gone");
  const answers: Readonly<Record<string, (asked: Asked) => Told>> = {
    DescribeInstances: () => ({ body: present().map(instanceXml).join("") }),
    DescribeTargetGroups: () => ({ body: "<TargetGroupArn>arn:x:targetgroup/greenleaf-prod</TargetGroupArn>" }),
    DescribeTargetHealth: () => ({
      body: present()
        .map((id) => `<member><Id>${id}</Id><State>${targets.get(id) ?? "healthy"}</State>`)
        .join(""),
    }),
    SendCommand: send,
    GetCommandInvocation: invocation,
  };
  const { url } = await serverFor((asked) => {
    const answer = answers[asked.action]?.(asked) ?? {};
    const isQuery = asked.fields.Action !== undefined;
    return isQuery ? { body: `<${asked.action}Response>${answer.body ?? ""}</${asked.action}Response>` } : answer;
  });
  return { account: accountAt(url), told, targets };
}

const instanceXml = (id: string): string =>
  `<instanceId>${id}</instanceId><instanceState><name>running</name></instanceState><availabilityZone>z</availabilityZone>` +
  "<key>Environment</key><value>prod</value><key>Role</key><value>app</value>";

import { randomBytes, randomUUID } from "node:crypto";
import type { FakedCall } from "./fakes.ts";
import type { Answer, Call, Memory } from "./stand-in.ts";
import { fields, queryXml } from "./xml.ts";

/** An instance that moto does not know, or of whose life it knows too little. */
export interface FleetInstance {
  readonly group: string;
  /** As in `Pending:Wait`. */
  state: string;
  readonly role: string;
  readonly environment: string;
  readonly zone?: string;
  readonly image?: string;
}

export interface CommandRun {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What a suite tells the stand-in about its instances, and hears from it. */
export interface Fleet {
  readonly instances: Map<string, FleetInstance>;
  /** Every answer to a lifecycle hook, in order. */
  readonly completions: Array<{ readonly instanceId: string; readonly hook: string; readonly result: string }>;
  /** Registry passwords that are good. */
  readonly tokens: Set<string>;
  /** Where a publisher pushes to. */
  registry: string;
  /** Runs shell lines on an instance; without it Run Command answers as moto does. */
  runCommand?: (instanceId: string, commands: readonly string[]) => Promise<CommandRun>;
  /** Turns a group over; what it throws is the reason of the failed refresh. */
  refresh?: (group: string) => Promise<void>;
}

export const newFleet = (): Fleet => ({ instances: new Map(), completions: [], tokens: new Set(), registry: "" });

export function fleetOf(memory: Memory): Fleet {
  const found = (memory.get("fleet") ?? newFleet()) as Fleet;
  memory.set("fleet", found);
  return found;
}

interface Invocation {
  readonly began: Promise<void>;
  run?: CommandRun;
}

const invocations = (memory: Memory): Map<string, Invocation> => {
  const found = (memory.get("invocations") ?? new Map<string, Invocation>()) as Map<string, Invocation>;
  memory.set("invocations", found);
  return found;
};

function send({ json }: Call, memory: Memory): Answer {
  const { runCommand } = fleetOf(memory);
  if (!runCommand) return undefined;
  const { InstanceIds, Parameters } = json as { InstanceIds: [string]; Parameters: { commands: string[] } };
  const CommandId = randomUUID();
  const invocation: Invocation = {
    began: runCommand(InstanceIds[0], Parameters.commands).then((run) => void (invocation.run = run)),
  };
  invocations(memory).set(`${CommandId} ${InstanceIds[0]}`, invocation);
  return { json: { Command: { CommandId, InstanceIds, Status: "Pending" } } };
}

function invocationOf({ json }: Call, memory: Memory): Answer {
  if (!fleetOf(memory).runCommand) return undefined;
  const found = invocations(memory).get(`${String(json.CommandId)} ${String(json.InstanceId)}`);
  if (!found) return { status: 400, json: { __type: "InvocationDoesNotExist", message: "" } };
  if (!found.run) return { json: { Status: "InProgress", ResponseCode: -1 } };
  const { code, stdout, stderr } = found.run;
  return {
    json: {
      Status: code === 0 ? "Success" : "Failed",
      ResponseCode: code,
      // As SSM cuts them.
      StandardOutputContent: stdout.slice(0, 24_000),
      StandardErrorContent: stderr.slice(0, 8_000),
    },
  };
}

function token(_: Call, memory: Memory): Answer {
  const password = randomBytes(24).toString("base64url");
  fleetOf(memory).tokens.add(password);
  const authorizationToken = Buffer.from(`AWS:${password}`).toString("base64");
  const expiresAt = Date.now() / 1000 + 12 * 3600;
  const proxyEndpoint = fleetOf(memory).registry;
  return { json: { authorizationData: [{ authorizationToken, expiresAt, proxyEndpoint }] } };
}

function membership(call: Call, memory: Memory): Answer {
  const { instances } = fleetOf(memory);
  const id = call.form.get("InstanceIds.member.1");
  if (instances.size === 0 || (id !== null && !instances.has(id))) return undefined;
  const members = [...instances]
    .filter(([instance]) => id === null || instance === id)
    .map(([InstanceId, { group, state }]) =>
      fields({ InstanceId, AutoScalingGroupName: group, LifecycleState: state, AvailabilityZone: "eu-west-3a" }),
    );
  const xml = members.map((member) => `<member>${member}</member>`).join("");
  return { xml: queryXml(call.action, `<AutoScalingInstances>${xml}</AutoScalingInstances>`) };
}

// Only for who looks for the whole fleet; a suite without instances of its own has moto's.
function machines(call: Call, memory: Memory): Answer {
  const { instances } = fleetOf(memory);
  if (instances.size === 0 || call.form.get("Filter.1.Name") !== "tag:Project") return undefined;
  const items = [...instances].map(([instanceId, { role, environment, zone = "eu-west-3a", image }]) => {
    const tags = Object.entries({ Project: "greenleaf", Environment: environment, Role: role });
    const tagSet = tags.map(([key, value]) => `<item>${fields({ key, value })}</item>`).join("");
    const told = fields({ instanceId, instanceType: "t3.small", ...(image === undefined ? {} : { imageId: image }) });
    const place = `<placement><availabilityZone>${zone}</availabilityZone></placement>`;
    return `<item>${told}<instanceState><code>16</code><name>running</name></instanceState>${place}<tagSet>${tagSet}</tagSet></item>`;
  });
  const set = `<reservationSet><item><instancesSet>${items.join("")}</instancesSet></item></reservationSet>`;
  return { xml: `<DescribeInstancesResponse>${set}</DescribeInstancesResponse>` };
}

function complete(call: Call, memory: Memory): Answer {
  const { instances, completions } = fleetOf(memory);
  const instanceId = call.form.get("InstanceId") ?? "";
  const result = call.form.get("LifecycleActionResult") ?? "";
  completions.push({ instanceId, hook: call.form.get("LifecycleHookName") ?? "", result });
  const found = instances.get(instanceId);
  if (found) found.state = result === "CONTINUE" ? "InService" : "Terminating:Wait";
  if (result === "ABANDON") activities(memory).push({ instanceId, at: new Date() });
  return { xml: queryXml(call.action, "") };
}

interface Activity {
  readonly instanceId: string;
  readonly at: Date;
}

const activities = (memory: Memory): Activity[] => {
  const found = (memory.get("activities") ?? []) as Activity[];
  memory.set("activities", found);
  return found;
};

function lostLaunches(call: Call, memory: Memory): Answer {
  const members = activities(memory).map(({ instanceId, at }) => {
    const told = {
      Description: `Launching a new EC2 instance: ${instanceId}`,
      StatusCode: "Cancelled",
      StatusMessage: "Lifecycle hook greenleaf-launch was abandoned",
      StartTime: at.toISOString(),
    };
    return `<member>${fields(told)}</member>`;
  });
  return { xml: queryXml(call.action, `<Activities>${members.join("")}</Activities>`) };
}

interface Refresh {
  readonly id: string;
  readonly group: string;
  status: string;
  reason?: string;
}

const refreshes = (memory: Memory): Refresh[] => {
  const found = (memory.get("refreshes") ?? []) as Refresh[];
  memory.set("refreshes", found);
  return found;
};

// Without a suite that turns a fleet over, it ends at once.
function refresh(call: Call, memory: Memory): Answer {
  const { refresh } = fleetOf(memory);
  const group = call.form.get("AutoScalingGroupName") ?? "";
  const started: Refresh = { id: `refresh-${refreshes(memory).length + 1}`, group, status: "InProgress" };
  refreshes(memory).push(started);
  if (refresh === undefined) started.status = "Successful";
  else void follow(started, refresh(group));
  return { xml: queryXml(call.action, fields({ InstanceRefreshId: started.id })) };
}

async function follow(started: Refresh, turned: Promise<void>): Promise<void> {
  const end = await turned.then(
    () => ({ status: "Successful" }),
    (error: unknown) => ({ status: "Failed", reason: String(error) }),
  );
  if (started.status === "InProgress") Object.assign(started, end);
}

function describeRefreshes(call: Call, memory: Memory): Answer {
  const found = refreshes(memory).filter(({ group }) => group === call.form.get("AutoScalingGroupName"));
  const members = found.map(({ id, group, status, reason }) => {
    const PercentageComplete = status === "Successful" ? 100 : 50;
    const told = { InstanceRefreshId: id, AutoScalingGroupName: group, Status: status, StatusReason: reason };
    return `<member>${fields({ ...told, PercentageComplete })}</member>`;
  });
  return { xml: queryXml(call.action, `<InstanceRefreshes>${members.join("")}</InstanceRefreshes>`) };
}

function cancelRefresh(call: Call, memory: Memory): Answer {
  for (const one of refreshes(memory)) if (one.status === "InProgress") one.status = "Cancelled";
  return { xml: queryXml(call.action, "") };
}

const NONE = "moto 5.1 has no such call";
const SHELL = "moto runs no command anywhere";

/** What a fleet's instances and those who move them ask for. */
export const FLEET: Readonly<Record<string, FakedCall>> = {
  "ssm:SendCommand": { why: SHELL, answer: send },
  "ssm:GetCommandInvocation": { why: SHELL, answer: invocationOf },
  "ecr:GetAuthorizationToken": { why: "moto's token is always the same and never ends", answer: token },
  "ec2:DescribeInstances": { why: "moto's instances are no machines", answer: machines },
  "autoscaling:DescribeAutoScalingInstances": { why: "moto's instances never wait for a hook", answer: membership },
  "autoscaling:CompleteLifecycleAction": { why: NONE, answer: complete },
  "autoscaling:DescribeScalingActivities": { why: "moto has no launch that fails", answer: lostLaunches },
  "autoscaling:StartInstanceRefresh": { why: NONE, answer: refresh },
  "autoscaling:DescribeInstanceRefreshes": { why: NONE, answer: describeRefreshes },
  "autoscaling:CancelInstanceRefresh": { why: NONE, answer: cancelRefresh },
};

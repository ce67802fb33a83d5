import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { type Condition, holds } from "./condition.ts";
import type { CloudState } from "./fabric.ts";
import type { Topology } from "./topology.ts";

/** A scripted fault of the control plane; `until` is performance.now() milliseconds. */
export interface CloudFault {
  /** Name of an action, or `*`. */
  readonly action: string;
  readonly kind: "denied" | "throttled" | "slow" | "silent" | "in-use" | "late" | "lost";
  /** Only for calls of this router. */
  readonly router?: number;
}

export interface Cloud {
  readonly state: CloudState;
  readonly faults: CloudFault[];
  readonly calls: Array<{ readonly at: number; readonly action: string; readonly from: number | undefined }>;
  readonly leases: Map<string, { holder: string; version: string }>;
}

/** How the fabric is made to show a new state. */
export type ApplyState = (state: CloudState) => Promise<void>;

type Parameters = Readonly<Record<string, string>>;

const SLOW_MS = 3_000;
/** An interface that is attached, says EC2, and that the kernel has not seen yet. */
const LATE_MS = 4_000;

/**
 * What moto does not do for routers: EC2's Query calls of a router (DescribeRouteTables, ReplaceRoute,
 * AssociateAddress, AssignPrivateIpAddresses, AttachNetworkInterface, ModifyNetworkInterfaceAttribute) that really
 * move packets, and DynamoDB's GetItem and PutItem with a condition, for the lease. Anything else is a 400 with its name.
 */
export function controlPlane(lab: Topology, cloud: { state: CloudState } & Cloud, applyState: ApplyState): Server {
  let work = Promise.resolve();
  const change = (next: Partial<CloudState>): Promise<void> => {
    cloud.state = { ...cloud.state, ...next };
    const { state } = cloud;
    work = work.catch(() => undefined).then(() => applyState(state));
    return work;
  };
  return createServer((request, response) => {
    void read(request).then(async (body) => {
      const target = request.headers["x-amz-target"];
      const from = routerOf(lab, request.socket.remoteAddress);
      const action =
        typeof target === "string" ? target.replace(/^.*\./, "") : (new URLSearchParams(body).get("Action") ?? "none");
      cloud.calls.push({ at: performance.now(), action, from });
      if (isSkewed(request)) return send(response, typeof target === "string" ? DYNAMO_SKEW : QUERY_SKEW);
      if (await spoiled(response, { cloud, action, from })) return;
      if (typeof target === "string")
        return send(response, dynamo(action, JSON.parse(body) as DynamoCall, cloud.leases));
      return send(
        response,
        await ec2(lab, { action, parameters: Object.fromEntries(new URLSearchParams(body)), cloud, change }),
      );
    });
  });
}

// As the real ones: a signature more than five minutes off is refused.
const SIGNED_WITHIN_MS = 300_000;

function isSkewed(request: IncomingMessage): boolean {
  const [, year, month, day, hour, minute, second] =
    /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers["x-amz-date"])) ?? [];
  const at = Date.parse(`${year}-${month}-${day}T${hour}:${minute}:${second}Z`);
  return !(Math.abs(Date.now() - at) < SIGNED_WITHIN_MS);
}

interface Answer {
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

async function spoiled(
  response: ServerResponse,
  { cloud, action, from }: { cloud: Cloud; action: string; from: number | undefined },
): Promise<boolean> {
  const fault = cloud.faults.find(
    (each) => (each.action === "*" || each.action === action) && (each.router === undefined || each.router === from),
  );
  if (fault === undefined) return false;
  if (fault.kind === "late" || fault.kind === "lost") return false;
  if (fault.kind === "slow") {
    await new Promise((resolve) => setTimeout(resolve, SLOW_MS));
    return false;
  }
  if (fault.kind === "denied")
    send(response, refusal("UnauthorizedOperation", "You are not authorized to perform this operation."));
  if (fault.kind === "throttled") send(response, refusal("RequestLimitExceeded", "Request limit exceeded."));
  if (fault.kind === "in-use")
    send(response, refusal("InvalidNetworkInterface.InUse", "Interface is currently in use."));
  return true;
}

interface Ec2Call {
  readonly action: string;
  readonly parameters: Parameters;
  readonly cloud: Cloud;
  readonly change: (next: Partial<CloudState>) => Promise<void>;
}

async function ec2(lab: Topology, { action, parameters, cloud, change }: Ec2Call): Promise<Answer> {
  const index = (id: string | undefined) => lab.zones.findIndex(({ nat }) => nat.interfaceId === id);
  const table = (id: string | undefined) => lab.zones.findIndex(({ routeTable }) => routeTable === id);
  const set = <T>(values: readonly [T, T], at: number, value: T): readonly [T, T] =>
    at === 0 ? [value, values[1]] : [values[0], value];
  const acts: Readonly<Record<string, () => Promise<Answer>>> = {
    DescribeRouteTables: async () => {
      const owner = cloud.state.routes[table(parameters["RouteTableId.1"]) as 0 | 1] ?? 0;
      const route = `<item><destinationCidrBlock>0.0.0.0/0</destinationCidrBlock><networkInterfaceId>${lab.zones[owner]?.nat.interfaceId}</networkInterfaceId></item>`;
      return xml(action, `<routeTableSet><item><routeSet>${route}</routeSet></item></routeTableSet>`);
    },
    ReplaceRoute: async () => {
      await change({
        routes: set(cloud.state.routes, table(parameters.RouteTableId), index(parameters.NetworkInterfaceId)),
      });
      return xml(action, "<return>true</return>");
    },
    AssociateAddress: async () => {
      const zone = lab.zones.find(({ allocation }) => allocation === parameters.AllocationId);
      const address = parameters.PrivateIpAddress;
      if (zone === undefined || address === undefined)
        return refusal("InvalidAllocationID.NotFound", "no such allocation");
      const moved = Object.entries(cloud.state.publicAddresses).filter(([, carried]) => carried !== address);
      await change({ publicAddresses: { ...Object.fromEntries(moved), [zone.publicAddress]: address } });
      return xml(action, "<return>true</return>");
    },
    AssignPrivateIpAddresses: async () => xml(action, "<return>true</return>"),
    AttachNetworkInterface: async () => {
      const attached = () =>
        change({ attached: set(cloud.state.attached, index(parameters.NetworkInterfaceId), true) });
      const kind = cloud.faults.find((fault) => fault.action === action)?.kind;
      if (kind === "late") setTimeout(() => void attached(), LATE_MS);
      else if (kind !== "lost") await attached();
      return xml(action, "<attachmentId>eni-attach-1</attachmentId>");
    },
    ModifyNetworkInterfaceAttribute: async () => {
      await change({ unchecked: set(cloud.state.unchecked, index(parameters.NetworkInterfaceId), true) });
      return xml(action, "<return>true</return>");
    },
  };
  return (await acts[action]?.()) ?? refusal("InvalidAction", `the lab does not know ${action}`);
}

interface DynamoCall extends Condition {
  readonly Key?: { readonly zone: { readonly S: string } };
  readonly Item?: {
    readonly zone: { readonly S: string };
    readonly holder: { readonly S: string };
    readonly version: { readonly S: string };
  };
}

function dynamo(action: string, call: DynamoCall, leases: Cloud["leases"]): Answer {
  const answer = (status: number, value: object): Answer => ({
    status,
    type: "application/x-amz-json-1.0",
    body: JSON.stringify(value),
  });
  if (action === "GetItem") {
    const found = leases.get(call.Key?.zone.S ?? "");
    return answer(
      200,
      found === undefined ? {} : { Item: { holder: { S: found.holder }, version: { S: found.version } } },
    );
  }
  if (action !== "PutItem" || call.Item === undefined) return answer(400, { __type: "UnknownOperationException" });
  const { zone, holder, version } = call.Item;
  const found = leases.get(zone.S);
  const item = found && { zone, holder: { S: found.holder }, version: { S: found.version } };
  if (!holds(call, item))
    return answer(400, { __type: "com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException" });
  leases.set(zone.S, { holder: holder.S, version: version.S });
  return answer(200, {});
}

const xml = (action: string, content: string): Answer => ({
  status: 200,
  type: "text/xml",
  body: `<${action}Response xmlns="http://ec2.amazonaws.com/doc/2016-11-15/"><requestId>lab</requestId>${content}</${action}Response>`,
});

const refusal = (code: string, message: string): Answer => ({
  status: 403,
  type: "text/xml",
  body: `<Response><Errors><Error><Code>${code}</Code><Message>${message}</Message></Error></Errors></Response>`,
});

const QUERY_SKEW = refusal("RequestExpired", "Request has expired.");
const DYNAMO_SKEW: Answer = {
  status: 400,
  type: "application/x-amz-json-1.0",
  body: JSON.stringify({ __type: "com.amazon.coral.service#InvalidSignatureException", message: "Signature expired" }),
};

function send(response: ServerResponse, { status, type, body }: Answer): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

async function read(request: IncomingMessage): Promise<string> {
  let body = "";
  for await (const chunk of request.setEncoding("utf8")) body += chunk as string;
  return body;
}

// Routers call from their primary interface, or from its public address.
function routerOf(lab: Topology, address: string | undefined): number | undefined {
  const found = lab.zones.findIndex(({ router, publicAddress, nat }) =>
    [router.primary.address, router.primary.publicAddress, publicAddress, nat.address].some((own) =>
      address?.endsWith(own),
    ),
  );
  return found === -1 ? undefined : found;
}

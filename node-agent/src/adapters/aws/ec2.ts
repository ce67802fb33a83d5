import { ConfigurationError, TemporaryError } from "../../base/errors.ts";
import { done, type ProbeResult, pending } from "../../base/wait.ts";
import { elementText } from "../../core/aws/answer.ts";
import type { QueryAnswer, SignedQuery } from "./signed/signed-query.ts";

export const EC2_API = { service: "ec2", apiVersion: "2016-11-15" };

/** The calls of EC2 that a router makes, and no other: its IAM policy allows just these. */
export interface Ec2 {
  /** Interface that the table's 0.0.0.0/0 names; undefined when it names none. */
  routeOwner(routeTable: string): Promise<string | undefined>;
  replaceRoute(routeTable: string, interfaceId: string): Promise<void>;
  /** Moves a public address; it may be associated elsewhere. */
  associateAddress(allocation: string, interfaceId: string, privateAddress: string): Promise<void>;
  assignPrivateAddress(interfaceId: string, privateAddress: string): Promise<void>;
  /** Attaches as the second interface; not yet while another instance, which is being replaced, still holds it. */
  attachInterface(interfaceId: string, instanceId: string): Promise<ProbeResult<undefined>>;
  disableSourceCheck(interfaceId: string): Promise<void>;
}

const DEFAULT_ROUTE = "0.0.0.0/0";
/** EC2's names for an interface that is still attached elsewhere, or on its way from there. */
const HELD = /^(InvalidNetworkInterface\.InUse|IncorrectState|InvalidParameterValue\.InUse)$/;

export function ec2(query: SignedQuery): Ec2 {
  const act = async (action: string, parameters: Record<string, string>) => {
    accepted(action, await query(action, parameters));
  };
  return {
    async routeOwner(routeTable) {
      const xml = accepted("DescribeRouteTables", await query("DescribeRouteTables", { "RouteTableId.1": routeTable }));
      const route = xml.split("<item>").find((item) => item.includes(`<destinationCidrBlock>${DEFAULT_ROUTE}<`));
      return route === undefined ? undefined : elementText(route, "networkInterfaceId");
    },
    replaceRoute: (routeTable, interfaceId) =>
      act("ReplaceRoute", {
        RouteTableId: routeTable,
        DestinationCidrBlock: DEFAULT_ROUTE,
        NetworkInterfaceId: interfaceId,
      }),
    associateAddress: (allocation, interfaceId, privateAddress) =>
      act("AssociateAddress", {
        AllocationId: allocation,
        NetworkInterfaceId: interfaceId,
        PrivateIpAddress: privateAddress,
        AllowReassociation: "true",
      }),
    assignPrivateAddress: (interfaceId, privateAddress) =>
      act("AssignPrivateIpAddresses", {
        NetworkInterfaceId: interfaceId,
        "PrivateIpAddress.1": privateAddress,
        AllowReassignment: "true",
      }),
    async attachInterface(interfaceId, instanceId) {
      const input = { NetworkInterfaceId: interfaceId, InstanceId: instanceId, DeviceIndex: "1" };
      const answer = await query("AttachNetworkInterface", input);
      if (answer.kind === "rejected" && HELD.test(answer.code)) return pending(`${answer.code}: ${answer.message}`);
      accepted("AttachNetworkInterface", answer);
      return done(undefined);
    },
    disableSourceCheck: (interfaceId) =>
      act("ModifyNetworkInterfaceAttribute", { NetworkInterfaceId: interfaceId, "SourceDestCheck.Value": "false" }),
  };
}

/** What no later request gets another answer to; what was just made may be unknown for a while (`*.NotFound`). */
const HOPELESS =
  /^(Invalid\w*\.Malformed|InvalidParameter\w*|Missing\w*|Unknown\w*|UnsupportedOperation|InvalidAction|OptInRequired)$/;

function accepted(action: string, answer: QueryAnswer): string {
  if (answer.kind === "ok") return answer.xml;
  const explanation = {
    code: "aws.rejected",
    why: `${answer.code}: ${answer.message}`,
    fix: "see whether the interface, address and route table of the node document exist (docs/runbook-router.md)",
  } as const;
  if (HOPELESS.test(answer.code)) throw new ConfigurationError(`ec2:${action} was rejected`, explanation);
  throw new TemporaryError(`ec2:${action} was rejected`, explanation);
}

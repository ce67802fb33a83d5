import { elementText } from "../core/query-answer.ts";
import { type Answer, done, notYet } from "../core/retry.ts";
import { TemporaryError } from "../errors.ts";
import type { QueryAnswer, SignedQuery } from "./signed-query.ts";

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
  attachInterface(interfaceId: string, instanceId: string): Promise<Answer<undefined>>;
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
      const wish = { NetworkInterfaceId: interfaceId, InstanceId: instanceId, DeviceIndex: "1" };
      const answer = await query("AttachNetworkInterface", wish);
      if (answer.kind === "rejected" && HELD.test(answer.code)) return notYet(`${answer.code}: ${answer.message}`);
      accepted("AttachNetworkInterface", answer);
      return done(undefined);
    },
    disableSourceCheck: (interfaceId) =>
      act("ModifyNetworkInterfaceAttribute", { NetworkInterfaceId: interfaceId, "SourceDestCheck.Value": "false" }),
  };
}

function accepted(action: string, answer: QueryAnswer): string {
  if (answer.kind === "ok") return answer.xml;
  throw new TemporaryError(`ec2:${action} was rejected`, {
    why: `${answer.code}: ${answer.message}`,
    fix: "see whether the interface, address and route table of the node document exist (docs/runbook-router.md)",
  });
}

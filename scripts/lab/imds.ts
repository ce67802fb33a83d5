import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { LabZone } from "./topology.ts";

/** What a scripted metadata service does instead of answering. */
export type ImdsFault = "none" | "unauthorized" | "not-found" | "disabled" | "redirect" | "error" | "silent";

export interface ImdsState {
  fault: ImdsFault;
  /** Method and path of every request, in order. */
  readonly requests: string[];
}

const ROLE = "greenleaf-lab-router";
const TOKEN = "lab-token";
const STATUS: Readonly<Record<Exclude<ImdsFault, "none" | "silent">, number>> = {
  unauthorized: 401,
  "not-found": 404,
  disabled: 403,
  redirect: 302,
  error: 500,
};

/** A metadata service, version 2 only, of one router: tokens, the identity document and the role's credentials. */
export function fakeImds(zone: LabZone, state: ImdsState): Server {
  return createServer((request, response) => {
    state.requests.push(`${request.method} ${request.url}`);
    if (state.fault === "silent") return;
    if (state.fault === "none") answer(zone, request, response);
    else injectFault(response, STATUS[state.fault]);
  });
}

// A redirect leads to a whole document, which nobody may read.
function injectFault(response: ServerResponse, status: number): void {
  response.writeHead(status, status === 302 ? { location: "http://198.51.100.5:4566/latest" } : {}).end();
}

function answer(zone: LabZone, request: IncomingMessage, response: ServerResponse): void {
  const path = (request.url ?? "").replace(/^\/latest\//, "");
  if (path === "api/token" && request.method === "PUT") return void response.end(TOKEN);
  if (request.headers["x-aws-ec2-metadata-token"] !== TOKEN) return void response.writeHead(401).end();
  const body = documents(zone)[path];
  response.writeHead(body === undefined ? 404 : 200).end(body);
}

function documents(zone: LabZone): Readonly<Record<string, string>> {
  const role = "meta-data/iam/security-credentials/";
  return {
    "dynamic/instance-identity/document": JSON.stringify({
      instanceId: zone.router.instanceId,
      availabilityZone: zone.name,
      instanceType: "t3.nano",
      accountId: "000000000000",
      region: zone.name.slice(0, -1),
    }),
    [role]: ROLE,
    [`${role}${ROLE}`]: JSON.stringify({
      Code: "Success",
      AccessKeyId: "lab",
      SecretAccessKey: "lab",
      Token: "lab",
      Expiration: new Date(Date.now() + 6 * 3_600_000).toISOString(),
    }),
  };
}

import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** An instance metadata service, version 2 only, over the wire. */
export interface FakeImds {
  readonly url: string;
  /** Text by path below /latest; a path that is not here answers 404. */
  readonly paths: Map<string, string>;
  /** When each path was asked for, in order; tokens as `PUT api/token`. */
  readonly requests: string[];
  /** Answers this many of the next requests with a status instead. */
  fail(status: number, times: number): void;
  /** All tokens given so far are refused from now on. */
  expireTokens(): void;
  /** No answer at all until `wake`: the network to it is not there yet. */
  sleep(): void;
  wake(): void;
  close(): Promise<void>;
}

export const INSTANCE = {
  instanceId: "i-0123456789abcdef0",
  region: "eu-west-3",
  availabilityZone: "eu-west-3a",
  instanceType: "t3.small",
  accountId: "123456789012",
};

/** The key of the instance's role, which fakes check signatures with. */
export const SECRET_KEY = "fake-secret-key";

const ROLE = {
  Code: "Success",
  AccessKeyId: "ASIAFAKE",
  SecretAccessKey: SECRET_KEY,
  Token: "fake-session-token",
  Expiration: "2099-01-01T00:00:00Z",
};

/** An instance with a role, of no group, not interrupted. */
export async function startFakeImds(host = "127.0.0.1"): Promise<FakeImds> {
  const state = { tokens: new Set<string>(), given: 0, failures: 0, failureStatus: 0, sleeps: false };
  const requests: string[] = [];
  const paths = new Map([
    ["dynamic/instance-identity/document", JSON.stringify(INSTANCE)],
    ["meta-data/instance-life-cycle", "on-demand"],
    ["meta-data/iam/security-credentials/", "greenleaf-app"],
    ["meta-data/iam/security-credentials/greenleaf-app", JSON.stringify(ROLE)],
  ]);

  const token = (request: IncomingMessage): { status: number; body: string } => {
    const ttl = Number(request.headers["x-aws-ec2-metadata-token-ttl-seconds"]);
    if (!(ttl >= 1 && ttl <= 21_600) || request.headers["x-forwarded-for"]) return { status: 400, body: "" };
    const fresh = `token-${(state.given += 1)}`;
    state.tokens.add(fresh);
    return { status: 200, body: fresh };
  };
  const read = (request: IncomingMessage, path: string): { status: number; body: string } => {
    // cloud-init takes a container for no EC2 instance and asks by date, without a token; the agent asks for the latest.
    const isDated = /^\/\d{4}-/.test(request.url ?? "");
    const isGood = isDated || state.tokens.has(String(request.headers["x-aws-ec2-metadata-token"]));
    if (!isGood) return { status: 401, body: "" };
    const body = paths.get(path) ?? listing(paths, path);
    return body === undefined ? { status: 404, body: "" } : { status: 200, body };
  };
  const answer = (request: IncomingMessage, response: ServerResponse): void => {
    if (state.sleeps) return void request.socket.destroy();
    const path = (request.url ?? "").replace(/^\/(latest|\d{4}-\d\d-\d\d)\//, "");
    const isToken = request.method === "PUT" && path === "api/token";
    requests.push(isToken ? "PUT api/token" : path);
    if (state.failures > 0) {
      state.failures -= 1;
      response.writeHead(state.failureStatus).end();
      return;
    }
    const { status, body } = isToken ? token(request) : read(request, path);
    response.writeHead(status, { "content-type": "text/plain" }).end(body);
  };
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    paths,
    requests,
    fail: (status, times) => void Object.assign(state, { failures: times, failureStatus: status }),
    expireTokens: () => state.tokens.clear(),
    sleep: () => void (state.sleeps = true),
    wake: () => void (state.sleeps = false),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** What EC2 answers for a folder: its names, a line each; folders end with a slash. */
function listing(paths: ReadonlyMap<string, string>, path: string): string | undefined {
  if (!path.endsWith("/")) return undefined;
  const below = [...paths.keys()].filter((known) => known.startsWith(path) && known !== path);
  const names = below.map((known) => known.slice(path.length).replace(/\/.*$/, "/"));
  return names.length === 0 ? undefined : [...new Set(names)].join("\n");
}

import { createServer as createHttp, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import type { AddressInfo } from "node:net";

export interface RegistryFault {
  /** As in `GET /v2/greenleaf/backend/manifests/sha256:…`. */
  readonly on: RegExp;
  readonly answer: "429" | "500" | "reset" | "expired";
  /** How often; then it is over. */
  times: number;
}

/** Amazon's registry in front of Debian's: asks for a token, and fails when told to. */
export interface RegistryFront {
  /** For a publisher on this machine; needs a token as well. */
  readonly url: string;
  readonly faults: RegistryFault[];
  readonly seen: string[];
  close(): Promise<void>;
}

export interface FrontOptions {
  readonly upstream: string;
  /** Where instances find it, on port 443. */
  readonly instances?: { readonly host: string; readonly key: string; readonly cert: string };
  readonly isGood: (password: string) => boolean;
}

export async function startRegistryFront(options: FrontOptions): Promise<RegistryFront> {
  const faults: RegistryFault[] = [];
  const seen: string[] = [];
  const answer = (incoming: IncomingMessage, outgoing: ServerResponse) => {
    const line = `${incoming.method} ${incoming.url}`;
    seen.push(line);
    const fault = faults.find(({ on, times }) => times > 0 && on.test(line));
    if (fault) return fail(fault, outgoing);
    const password = passwordOf(incoming);
    if (password === undefined) return refuse(outgoing, 401, "no basic auth credentials");
    if (!options.isGood(password)) return expired(outgoing);
    return pass(options.upstream, incoming, outgoing);
  };
  const { instances } = options;
  const back = createHttp(answer);
  await new Promise<void>((resolve) => void back.listen(0, "127.0.0.1", resolve));
  const servers: Server[] = [back];
  if (instances !== undefined) {
    const front = createHttps({ key: instances.key, cert: instances.cert }, answer);
    servers.push(front);
    await new Promise<void>((resolve, reject) => void front.on("error", reject).listen(443, instances.host, resolve));
  }
  return {
    url: `http://127.0.0.1:${(back.address() as AddressInfo).port}`,
    faults,
    seen,
    close: async () => {
      for (const server of servers) server.closeAllConnections();
      await Promise.all(servers.map((server) => new Promise((resolve) => void server.close(resolve))));
    },
  };
}

function passwordOf({ headers }: IncomingMessage): string | undefined {
  const given = /^Basic (.+)$/.exec(headers.authorization ?? "")?.[1];
  return given && Buffer.from(given, "base64").toString().replace(/^AWS:/, "");
}

function fail(fault: RegistryFault, outgoing: ServerResponse): void {
  fault.times -= 1;
  // Over TLS Node cannot send a reset; the engine sees the connection end in the middle either way.
  if (fault.answer === "reset") return void outgoing.socket?.destroy();
  if (fault.answer === "expired") return expired(outgoing);
  const code = fault.answer === "429" ? "TOOMANYREQUESTS" : "UNKNOWN";
  json(outgoing, Number(fault.answer), { errors: [{ code, message: "Rate exceeded" }] });
}

// ECR's own words.
const expired = (outgoing: ServerResponse): void =>
  json(outgoing, 403, {
    errors: [{ code: "DENIED", message: "Your authorization token has expired. Reauthenticate and try again." }],
  });

function refuse(outgoing: ServerResponse, status: number, message: string): void {
  outgoing.setHeader("www-authenticate", 'Basic realm="https://ecr/",service="ecr.amazonaws.com"');
  json(outgoing, status, { errors: [{ code: "UNAUTHORIZED", message }] });
}

function json(outgoing: ServerResponse, status: number, body: object): void {
  outgoing.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(body));
}

function pass(upstream: string, incoming: IncomingMessage, outgoing: ServerResponse): void {
  const { authorization: _, ...headers } = incoming.headers;
  const sent = request(new URL(incoming.url ?? "/", upstream), { method: incoming.method, headers }, (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(outgoing);
  });
  sent.on("error", () => outgoing.destroy());
  incoming.pipe(sent);
}

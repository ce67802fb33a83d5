import { createServer, type IncomingMessage, request, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { FAKES } from "./fakes.ts";
import { type Fleet, fleetOf } from "./fleet.ts";
import { REFUSED } from "./refusals.ts";

/** A call to AWS as the stand-in reads it. */
export interface Call {
  readonly service: string;
  readonly action: string;
  /** Fields of a Query call. */
  readonly form: URLSearchParams;
  /** Body of a JSON call. */
  readonly json: Readonly<Record<string, unknown>>;
  /** Path and bytes, for S3. */
  readonly path: string;
  readonly body: string;
}

/** What a fake answers; undefined passes the call on to moto. */
export type Answer =
  | {
      readonly status?: number;
      readonly xml?: string;
      readonly json?: object;
      readonly headers?: Readonly<Record<string, string>>;
    }
  | undefined;
export type Fake = (call: Call, memory: Memory, ask: Ask) => Answer | Promise<Answer>;
/** Changes moto's own answer. */
export type Fix = (body: string, call: Call, memory: Memory) => string;
/** What fakes remember between calls, by a name of their own. */
export type Memory = Map<string, unknown>;
/** Sends a Query call to moto itself. */
export type Ask = (form: Readonly<Record<string, string>>) => Promise<string>;

export interface Seen {
  readonly service: string;
  readonly action: string;
  readonly status: number;
  readonly faked: boolean;
}

export interface StandIn {
  readonly url: string;
  readonly seen: readonly Seen[];
  /** The suite's instances; see fleet.ts. */
  readonly fleet: Fleet;
  /** Answers in moto's and the fakes' place, where it answers anything. */
  fault: (call: Call) => Answer;
  /** Where a call goes instead of to moto and the fakes; undefined for most. */
  elsewhere: (call: Call) => string | undefined;
  close(): Promise<void>;
}

/** A proxy in front of moto for what moto lacks or answers wrongly; each such call is a line in fakes.ts. */
export async function openStandIn(moto: string, { host = "127.0.0.1", port = 0 } = {}): Promise<StandIn> {
  const seen: Seen[] = [];
  const memory: Memory = new Map();
  const server = createServer((incoming, outgoing) => {
    void handle({ moto, memory, seen, standIn: () => standIn }, incoming, outgoing).catch((error: unknown) => {
      outgoing.writeHead(400).end(String(error));
    });
  });
  await new Promise<void>((resolve) => server.listen(port, host, resolve));
  const standIn: StandIn = {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    seen,
    fleet: fleetOf(memory),
    fault: () => undefined,
    elsewhere: () => undefined,
    close: () => closed(server),
  };
  return standIn;
}

interface Stage {
  readonly moto: string;
  readonly memory: Memory;
  readonly seen: Seen[];
  readonly standIn: () => Pick<StandIn, "fault" | "elsewhere">;
}

async function handle(stage: Stage, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const body = Buffer.concat(await Array.fromAsync(incoming as AsyncIterable<Buffer>));
  const call = callOf(incoming, body);
  const { fault, elsewhere } = stage.standIn();
  const other = elsewhere(call);
  if (other !== undefined) return relay(stage, call, outgoing, await pass(other, incoming, body));
  const fake = FAKES[`${call.service}:${call.action}`];
  const ask: Ask = async (form) => {
    const answer = await pass(stage.moto, incoming, Buffer.from(new URLSearchParams(form).toString()));
    return answer.body.toString();
  };
  const refused = REFUSED[`${call.service}:${call.action}`];
  const answer =
    fault(call) ?? (await refused?.refuse(call, stage.memory, ask)) ?? (await fake?.answer?.(call, stage.memory, ask));
  if (answer) return reply(stage, call, answer, outgoing);
  const passed = await pass(stage.moto, incoming, body);
  const status = settled(passed);
  stage.seen.push({ service: call.service, action: call.action, status, faked: Boolean(fake?.fix) });
  const fixed = fake?.fix ? Buffer.from(fake.fix(passed.body.toString(), call, stage.memory)) : passed.body;
  const length = incoming.method === "HEAD" ? {} : { "content-length": String(fixed.length) };
  outgoing.writeHead(status, { ...passed.headers, ...length }).end(fixed);
}

function relay({ seen }: Stage, { service, action }: Call, outgoing: ServerResponse, passed: Passed): void {
  seen.push({ service, action, status: passed.status, faked: true });
  outgoing.writeHead(passed.status, passed.headers).end(passed.body);
}

// A 5xx is retried for minutes by every SDK; what moto does not know must end at once.
function settled({ status, body }: Passed): number {
  const unknown = status >= 500 && /NotImplemented|not been implemented|Internal Server Error/.test(body.toString());
  return unknown ? 400 : status;
}

function reply(
  { seen }: Stage,
  { service, action }: Call,
  answer: NonNullable<Answer>,
  outgoing: ServerResponse,
): void {
  const status = answer.status ?? 200;
  seen.push({ service, action, status, faked: true });
  const type = answer.json ? "application/x-amz-json-1.1" : "text/xml";
  outgoing
    .writeHead(status, { "content-type": type, ...answer.headers })
    .end(answer.json ? JSON.stringify(answer.json) : answer.xml);
}

function callOf({ headers, method = "GET", url: target = "/" }: IncomingMessage, body: Buffer): Call {
  const url = new URL(target, "http://stand-in");
  const type = headers["content-type"] ?? "";
  const text = body.toString();
  const form = new URLSearchParams(type.includes("form-urlencoded") ? text : "");
  return {
    service: /\/([a-z0-9-]+)\/aws4_request/.exec(headers.authorization ?? "")?.[1] ?? "s3",
    action: form.get("Action") ?? targetAction(headers) ?? resourceAction(method, url),
    form,
    json: type.includes("json") && text !== "" ? (JSON.parse(text) as Call["json"]) : {},
    path: url.pathname,
    body: text,
  };
}

function targetAction(headers: IncomingMessage["headers"]): string | undefined {
  const target = headers["x-amz-target"];
  return typeof target === "string" ? target.split(".").at(-1) : undefined;
}

// REST services name no action: the method, and for S3 the part of the bucket that is meant.
function resourceAction(method: string, { searchParams }: URL): string {
  const part = ["policy", "lifecycle"].find((name) => searchParams.has(name));
  return part === undefined ? method : `${method}?${part}`;
}

interface Passed {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

function pass(moto: string, incoming: IncomingMessage, body: Buffer): Promise<Passed> {
  return new Promise((resolve, reject) => {
    const { "content-length": _, "transfer-encoding": __, ...rest } = incoming.headers;
    const headers = { ...rest, ...(body.length > 0 ? { "content-length": String(body.length) } : {}) };
    const sent = request(new URL(incoming.url ?? "/", moto), { method: incoming.method, headers }, (answer) => {
      Array.fromAsync(answer as AsyncIterable<Buffer>).then(
        (chunks) => resolve({ status: answer.statusCode ?? 502, headers: answer.headers, body: Buffer.concat(chunks) }),
        reject,
      );
    });
    sent.on("error", reject);
    sent.end(body);
  });
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

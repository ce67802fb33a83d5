import {
  type ClientRequest,
  createServer,
  type IncomingMessage,
  request as requestHttp,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { actionOf, readBody } from "./fake-aws.ts";

/** One request as the proxy sees it. */
export interface SeenRequest {
  /** From 0, in order of arrival since `reset`. */
  readonly index: number;
  readonly action: string;
  readonly body: Record<string, unknown>;
}

/** What upstream answered, for faults that spoil it. */
export interface Upstream {
  readonly status: number;
  readonly headers: IncomingMessage["headers"];
  readonly text: string;
}

/** Answers in upstream's place; `ask` gives upstream's own answer. */
export type Fault = (
  response: ServerResponse,
  ask: () => Promise<Upstream>,
  request: SeenRequest,
) => Promise<void> | void;

export interface FaultProxy {
  readonly url: string;
  /** Chooses the fault of a request; undefined lets it through. */
  choose: (request: SeenRequest) => Fault | undefined;
  /** Milliseconds each call takes, as a network would. */
  delayMs: number;
  readonly seen: SeenRequest[];
  reset(): void;
  close(): Promise<void>;
}

/** Stands in front of something that speaks the AWS JSON protocols, and spoils what it is told to spoil. */
export async function startFaultProxy(upstream: string): Promise<FaultProxy> {
  const server = createServer((request, response) => void serve(request, response));
  const serve = async (request: IncomingMessage, response: ServerResponse) => {
    const text = await readBody(request);
    const seen = { index: proxy.seen.length, action: actionOf(request), body: parsed(text) };
    proxy.seen.push(seen);
    const fault = proxy.choose(seen) ?? passed;
    const ask = () => forwarded(upstream, request, text);
    if (proxy.delayMs > 0) await sleep(proxy.delayMs);
    await fault(response, ask, seen);
  };
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const proxy: FaultProxy = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    choose: () => undefined,
    delayMs: 0,
    seen: [],
    reset: () => void (proxy.seen.length = 0),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return proxy;
}

function parsed(text: string): Record<string, unknown> {
  try {
    return JSON.parse(text) as Record<string, unknown>;
  } catch {
    return {};
  }
}

function forwarded(
  upstream: string,
  { headers, method = "POST", url = "/" }: IncomingMessage,
  text: string,
): Promise<Upstream> {
  return new Promise((resolve, reject) => {
    const sent: ClientRequest = requestHttp(new URL(url, upstream), { method, headers }, (answer) => {
      void readBody(answer).then((body) =>
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text: body }),
      );
    });
    sent.on("error", reject).end(text);
  });
}

const JSON_TYPE = { "content-type": "application/x-amz-json-1.1" };

const passed: Fault = async (response, ask) => {
  const { status, headers, text } = await ask();
  response.writeHead(status, { ...JSON_TYPE, ...(headers.date === undefined ? {} : { date: headers.date }) }).end(text);
};

const answered =
  (status: number, body: unknown): Fault =>
  (response) => {
    response.writeHead(status, JSON_TYPE).end(typeof body === "string" ? body : JSON.stringify(body));
  };

const refused = (status: number, type: string, message = "no"): Fault => answered(status, { __type: type, message });

/** Changes upstream's good answer. */
const spoiled =
  (spoil: (answer: Record<string, unknown>, request: SeenRequest) => unknown): Fault =>
  async (response, ask, request) => {
    const { text } = await ask();
    response.writeHead(200, JSON_TYPE).end(JSON.stringify(spoil(JSON.parse(text) as Record<string, unknown>, request)));
  };

const withoutFirst = (list: unknown): unknown => (Array.isArray(list) ? list.slice(1) : list);
const batchErrors = (code: string): Fault =>
  spoiled(({ SecretValues = [], ...rest }) => {
    const [first, ...others] = SecretValues as Array<{ Name?: string }>;
    return { ...rest, SecretValues: others, Errors: [{ SecretId: first?.Name, ErrorCode: code, Message: "no" }] };
  });

/** Faults a retry fixes when they pass. */
export const PASSING_FAULTS: Readonly<Record<string, Fault>> = {
  throttled: refused(400, "ThrottlingException", "Rate exceeded"),
  "too many requests": refused(429, "TooManyRequestsException"),
  "request limit": refused(400, "RequestLimitExceeded"),
  "internal error": refused(500, "InternalServerError"),
  "bad gateway in HTML": answered(502, "<html><h1>502</h1></html>"),
  "service unavailable without a body": answered(503, ""),
  "gateway timeout": refused(504, "GatewayTimeout"),
  "expired token": refused(400, "ExpiredTokenException"),
  "reset before an answer": (response) => void response.socket?.resetAndDestroy(),
  "closed before an answer": (response) => void response.socket?.destroy(),
  "reset inside the body": async (response, ask) => {
    const { text } = await ask();
    response.writeHead(200, { ...JSON_TYPE, "content-length": Buffer.byteLength(text) });
    response.write(text.slice(0, text.length / 2), () => response.socket?.resetAndDestroy());
  },
  "closed inside the body": async (response, ask) => {
    const { text } = await ask();
    response.writeHead(200, { ...JSON_TYPE, "content-length": Buffer.byteLength(text) });
    response.write(text.slice(0, text.length / 3), () => response.socket?.destroy());
  },
  "JSON cut short": async (response, ask) =>
    void answered(200, (await ask()).text.slice(0, -20))(response, ask, {} as SeenRequest),
  "no body": answered(200, ""),
  "an empty object": answered(200, {}),
  "a list": answered(200, []),
  null: answered(200, "null"),
  "an HTML page": answered(200, "<html>log in to the network</html>"),
  "a redirect": (response) => void response.writeHead(302, { location: "http://127.0.0.1:9/" }).end(),
  "one name forgotten": spoiled(({ Parameters, SecretValues, ...rest }) => ({
    ...rest,
    ...(Parameters === undefined ? {} : { Parameters: withoutFirst(Parameters) }),
    ...(SecretValues === undefined ? {} : { SecretValues: withoutFirst(SecretValues) }),
  })),
  "one value left out": spoiled((answer) =>
    JSON.parse(
      JSON.stringify(answer)
        .replace(/"(Value|SecretString)":"(?:[^"\\]|\\.)*",?/, "")
        .replace(/,}/, "}"),
    ),
  ),
};

/** The same, of answers that come in pages or hold errors of their own. */
export const PASSING_BATCH_FAULTS: Readonly<Record<string, Fault>> = {
  "an error inside a 200": batchErrors("InternalServiceError"),
  "throttled inside a 200": batchErrors("ThrottlingException"),
  "an empty page that names itself": (response) =>
    answered(200, { SecretValues: [], NextToken: "again" })(response, async () => ({}) as Upstream, {} as SeenRequest),
};

/** Faults no retry fixes, with the exit code they end with. */
export const LASTING_FAULTS: Readonly<Record<string, { fault: Fault; exitCode: number }>> = {
  "access denied": {
    fault: refused(400, "AccessDeniedException", "User: arn:aws:sts::1:x is not authorized"),
    exitCode: 77,
  },
  "key denied": {
    fault: refused(400, "AccessDeniedException", "The ciphertext refers to a customer master key"),
    exitCode: 77,
  },
  "unknown access key": { fault: refused(400, "UnrecognizedClientException"), exitCode: 77 },
  "wrong signature": { fault: refused(403, "SignatureDoesNotMatch"), exitCode: 77 },
  invalid: { fault: refused(400, "ValidationException"), exitCode: 78 },
  "invalid key": { fault: refused(400, "InvalidKeyId"), exitCode: 78 },
};

export const LASTING_BATCH_FAULTS: typeof LASTING_FAULTS = {
  "access denied inside a 200": { fault: batchErrors("AccessDeniedException"), exitCode: 77 },
  "decryption failure inside a 200": { fault: batchErrors("DecryptionFailure"), exitCode: 77 },
  "deleted secret inside a 200": { fault: batchErrors("InvalidRequestException"), exitCode: 78 },
  "missing secret inside a 200": { fault: batchErrors("ResourceNotFoundException"), exitCode: 78 },
};

/** Odd, but whole: nothing may go wrong. */
export const HARMLESS_ODDITIES: Readonly<Record<string, Fault>> = {
  "every item twice": spoiled((answer) =>
    Object.fromEntries(
      Object.entries(answer).map(([key, list]) => [key, Array.isArray(list) ? [...list, ...list] : list]),
    ),
  ),
  "order reversed": spoiled((answer) =>
    Object.fromEntries(
      Object.entries(answer).map(([key, list]) => [key, Array.isArray(list) ? [...list].reverse() : list]),
    ),
  ),
  "unknown members": spoiled((answer) => ({ ...answer, Surprise: { deep: [1] } })),
  "a body in drops": async (response, ask) => {
    const { text } = await ask();
    response.writeHead(200, JSON_TYPE);
    for (let at = 0; at < text.length; at += 512) {
      response.write(text.slice(at, at + 512));
      await sleep(1);
    }
    response.end();
  },
  "another content type": async (response, ask) =>
    void response.writeHead(200, { "content-type": "text/plain" }).end((await ask()).text),
};

/** Never answers, or never ends its answer; only a time limit helps. */
export const HANGING_FAULTS: Readonly<Record<string, Fault>> = {
  "no answer": () => undefined,
  "an endless body": async (response, ask) => {
    response.writeHead(200, JSON_TYPE);
    response.write((await ask()).text.slice(0, 10));
  },
};

/** Splits a batch's answer into pages, the first of them empty. */
export function pagedSecrets(): Fault {
  return async (response, ask, { body }) => {
    const token = body.NextToken as string | undefined;
    if (token === undefined)
      return answered(200, { SecretValues: [], NextToken: "0" })(response, ask, {} as SeenRequest);
    const { SecretValues = [], Errors = [] } = JSON.parse((await ask()).text) as {
      SecretValues?: unknown[];
      Errors?: unknown[];
    };
    const page = Number(token);
    const isLast = (page + 1) * 3 >= SecretValues.length;
    const values = SecretValues.slice(page * 3, (page + 1) * 3);
    return answered(200, { SecretValues: values, ...(isLast ? { Errors } : { NextToken: String(page + 1) }) })(
      response,
      ask,
      {} as SeenRequest,
    );
  };
}

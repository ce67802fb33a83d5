import { type Agent, type RequestOptions, request as requestHttp } from "node:http";
import { MAX_BYTES, readBounded } from "./bounded-body.ts";

export interface HttpRequest {
  url: string;
  method?: "GET" | "POST" | "PUT" | "DELETE";
  headers?: Readonly<Record<string, string>>;
  body?: string;
  /** Milliseconds for the whole exchange. */
  timeoutMs: number;
  /** Bytes of the answer's body; by default those of an API. A larger one is not read to its end and rejects. */
  maxBytes?: number;
  /** A unix socket in place of host and port. */
  socketPath?: string;
  agent?: Agent;
  /** `latin1` keeps every byte of the answer: a character each. */
  encoding?: "utf8" | "latin1";
}

export interface HttpAnswer {
  status: number;
  headers: Readonly<Record<string, string | string[] | undefined>>;
  body: string;
}

/**
 * One request over node:http, which is already there: `fetch` would cost the daemon's process some 10 MB.
 * Rejects when no complete answer came in time; every status is an answer. Follows no redirect, asks no proxy.
 */
export async function httpRequest(wanted: HttpRequest): Promise<HttpAnswer> {
  const send = wanted.url.startsWith("https:") ? (await import("node:https")).request : requestHttp;
  const options: RequestOptions = {
    method: wanted.method ?? "GET",
    headers: { ...wanted.headers, ...lengthOf(wanted.body) },
    signal: AbortSignal.timeout(wanted.timeoutMs),
    ...(wanted.socketPath === undefined ? {} : { socketPath: wanted.socketPath }),
    ...(wanted.agent === undefined ? {} : { agent: wanted.agent }),
  };
  return new Promise((resolve, reject) => {
    const sent = send(wanted.url, options, (answer) => {
      readBounded(answer, wanted.maxBytes ?? MAX_BYTES.api).then((bytes) => {
        const body = bytes.toString(wanted.encoding ?? "utf8");
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, body });
      }, reject);
    });
    sent.on("error", reject);
    sent.end(wanted.body);
  });
}

const lengthOf = (body: string | undefined): Record<string, string> =>
  body === undefined ? {} : { "content-length": String(Buffer.byteLength(body)) };

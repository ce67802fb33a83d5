import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

/** What the store does with the next uploads: keep them, answer 500, or cut the connection in the middle of one. */
export type StoreMode = "keep" | "refuse" | "cut";

/** An object as it was stored, and the headers it came with. */
export type Stored = { body: Buffer; headers: IncomingMessage["headers"] };

/** A store as strict as R2 was in January 2025: it knows neither ACLs nor checksums, and says so with 501. */
export type StrictS3 = {
  port: number;
  /** By `bucket/key`. */
  objects: Map<string, Stored>;
  /** One line for each request, in order: method, path, status. */
  requests: string[];
  setMode(mode: StoreMode): void;
  close(): Promise<void>;
};

/** Starts the store on all addresses, so that containers reach it through their network's gateway. */
export async function strictS3(): Promise<StrictS3> {
  const store = new Store();
  const server = createServer((request, response) => {
    void store.answer(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    objects: store.objects,
    requests: store.requests,
    setMode: (mode) => {
      store.mode = mode;
    },
    close: () => closed(server),
  };
}

class Store {
  readonly objects = new Map<string, Stored>();
  readonly requests: string[] = [];
  mode: StoreMode = "keep";
  private readonly uploads = new Map<string, Map<number, Buffer>>();

  async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://store");
    const status = await this.status(request, { url, response });
    this.requests.push(`${request.method} ${url.pathname} ${status}`);
  }

  private async status(request: IncomingMessage, { url, response }: Exchange): Promise<number> {
    const unknown = unknownHeader(request, url);
    if (unknown)
      return fail(response, 501, { code: "NotImplemented", message: `Header '${unknown}' is not implemented` });
    if (!isSigned(request, url))
      return fail(response, 403, { code: "AccessDenied", message: "Anonymous access is forbidden" });
    if (request.method !== "GET" && this.mode === "cut") return cut(request);
    const body = await bodyOf(request);
    if (request.method !== "GET" && this.mode === "refuse")
      return fail(response, 500, { code: "InternalError", message: "Try again" });
    return this.serve(request, { url, response, body });
  }

  private serve(request: IncomingMessage, { url, response, body }: Exchange & { body: Buffer }): number {
    const key = decodeURIComponent(url.pathname.slice(1));
    if (url.searchParams.has("uploads") || url.searchParams.has("uploadId"))
      return this.multipart(request, { url, response, body, key });
    if (request.method === "PUT") {
      this.objects.set(key, { body, headers: request.headers });
      return succeed(response, "");
    }
    if (request.method === "DELETE") {
      this.objects.delete(key);
      return succeed(response, "", 204);
    }
    const found = this.objects.get(key);
    if (!found) return fail(response, 404, { code: "NoSuchKey", message: "There is no such key" });
    return succeed(response, found.body);
  }

  private multipart(
    request: IncomingMessage,
    { url, response, body, key }: Exchange & { body: Buffer; key: string },
  ): number {
    const id = url.searchParams.get("uploadId") ?? String(this.uploads.size + 1);
    const parts = this.uploads.get(id) ?? new Map<number, Buffer>();
    this.uploads.set(id, parts);
    if (url.searchParams.has("uploads"))
      return succeed(
        response,
        `<InitiateMultipartUploadResult><UploadId>${id}</UploadId></InitiateMultipartUploadResult>`,
      );
    if (request.method === "PUT") {
      parts.set(Number(url.searchParams.get("partNumber")), body);
      return succeed(response, "");
    }
    const whole = [...parts].toSorted(([a], [b]) => a - b).map(([, part]) => part);
    this.objects.set(key, { body: Buffer.concat(whole), headers: request.headers });
    return succeed(response, "<CompleteMultipartUploadResult><ETag>1</ETag></CompleteMultipartUploadResult>");
  }
}

type Exchange = { url: URL; response: ServerResponse };

/** The first header or query parameter that such a store does not know. */
function unknownHeader(request: IncomingMessage, url: URL): string | undefined {
  const names = [...Object.keys(request.headers), ...[...url.searchParams.keys()].map((name) => name.toLowerCase())];
  const refused = /^x-amz-(acl|grant-|checksum-|sdk-checksum-algorithm|trailer|decoded-content-length)/;
  const streaming = request.headers["x-amz-content-sha256"]?.toString().startsWith("STREAMING-") ?? false;
  return names.find((name) => refused.test(name)) ?? (streaming ? "x-amz-content-sha256" : undefined);
}

function isSigned(request: IncomingMessage, url: URL): boolean {
  return request.headers.authorization?.startsWith("AWS4-HMAC-SHA256 ") || url.searchParams.has("X-Amz-Signature");
}

async function bodyOf(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}

/** Takes the beginning of the body, then hangs up without an answer. */
async function cut(request: IncomingMessage): Promise<number> {
  await new Promise((resolve) => request.once("data", resolve));
  request.socket.destroy();
  return 0;
}

function succeed(response: ServerResponse, body: string | Buffer, status = 200): number {
  response.writeHead(status, { etag: '"1"' }).end(body);
  return status;
}

function fail(response: ServerResponse, status: number, { code, message }: { code: string; message: string }): number {
  response.writeHead(status, { "content-type": "application/xml" });
  response.end(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>${message}</Message></Error>`);
  return status;
}

function closed(server: Server): Promise<void> {
  server.closeAllConnections();
  return new Promise((resolve) => server.close(() => resolve()));
}

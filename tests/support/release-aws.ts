import { createServer, type IncomingMessage } from "node:http";
import type { AwsAccount } from "../../scripts/fleet/aws.ts";
import type { ParameterVersion, Publisher } from "../../scripts/release/registry/publisher.ts";
import { served } from "./served.ts";

export interface Asked {
  readonly method: string;
  readonly path: string;
  /** Action of a Query or JSON API. */
  readonly action: string;
  readonly fields: Readonly<Record<string, string>>;
  readonly headers: IncomingMessage["headers"];
  readonly body: Buffer;
}

export interface Told {
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

/** An HTTP server for one test that answers as it is told to, and what it was asked. */
export async function serverFor(answer: (asked: Asked) => Told): Promise<{ url: string; asked: Asked[] }> {
  const asked: Asked[] = [];
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const one = askedOf(request, Buffer.concat(parts));
      asked.push(one);
      const { status = 200, headers = {}, body = "" } = answer(one);
      response.writeHead(status, headers).end(body);
    });
  });
  return { url: await served(server), asked };
}

function askedOf({ method = "", url = "", headers }: IncomingMessage, body: Buffer): Asked {
  const target = String(headers["x-amz-target"] ?? "");
  const isForm = headers["content-type"]?.startsWith("application/x-www-form-urlencoded") === true;
  const fields = isForm ? Object.fromEntries(new URLSearchParams(body.toString())) : {};
  return { method, path: url, action: fields.Action ?? target.split(".").at(-1) ?? "", fields, headers, body };
}

export const accountAt = (endpoint: string): AwsAccount => ({
  region: "eu-west-3",
  endpoint,
  credentials: { accessKeyId: "key", secretAccessKey: "secret" },
});

/** AWS takes its time: who does not wait for a change goes on before it is made. */
const later = () => new Promise((resolve) => setTimeout(resolve, 20));

/** A publisher that keeps everything in memory, and what was done to it. */
export function memoryPublisher(
  account: AwsAccount,
  parameters: Readonly<Record<string, string>> = {},
): Publisher & { readonly done: string[]; readonly parameters: Map<string, string> } {
  const kept = new Map(Object.entries(parameters));
  const objects = new Map<string, string>();
  const done: string[] = [];
  const versions: Array<ParameterVersion & { readonly name: string }> = [];
  return {
    account,
    accountId: "123456789012",
    bucket: "artifacts",
    by: "arn:aws:iam::123456789012:user/ada",
    done,
    parameters: kept,
    parameter: async (name) => kept.get(name),
    setParameter: async (name, value) => {
      await later();
      done.push(`set ${name}`);
      kept.set(name, value);
      const at = new Date(Date.UTC(2026, 10, 1, 0, versions.length)).toISOString();
      versions.push({ name, value, at, by: "arn:aws:iam::123456789012:user/ada" });
    },
    createParameter: async (name, value) => {
      if (kept.has(name)) return false;
      done.push(`create ${name}`);
      kept.set(name, value);
      return true;
    },
    removeParameter: async (name) => {
      await later();
      done.push(`remove ${name}`);
      kept.delete(name);
    },
    history: async (wanted) => versions.filter(({ name }) => name === wanted),
    read: async (key) => objects.get(key),
    keep: async (key, content) => {
      if (objects.has(key)) return "there";
      done.push(`keep ${key}`);
      objects.set(key, new TextDecoder().decode(content));
      return "made";
    },
  };
}

/** A release's document as it is parsed, with an id and nothing else that matters. */
export const documentWith = (id: string): string =>
  JSON.stringify({
    id,
    created: "2026-11-01T00:00:00Z",
    images: {
      backend: `r/b@sha256:${"a".repeat(64)}`,
      storefront: `r/s@sha256:${"b".repeat(64)}`,
      caddy: `r/c@sha256:${"c".repeat(64)}`,
    },
    stack: { uri: `s3://artifacts/stack/${"d".repeat(64)}.tar.gz`, sha256: "d".repeat(64) },
    migrations: "e".repeat(64),
    signature: Buffer.alloc(64).toString("base64"),
  });

import { createHash } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface StoredParameter {
  readonly value: string;
  readonly type: "String" | "SecureString";
  /** 1 when nothing is said. */
  readonly version?: number;
}

export interface FakeAws {
  readonly url: string;
  readonly parameters: Map<string, StoredParameter>;
  /** Text by id; a Uint8Array is a binary secret. */
  readonly secrets: Map<string, string | Uint8Array>;
  /** Milliseconds its clock is ahead of ours; a signature more than five minutes off is refused. */
  clockAheadMs: number;
  readonly requests: ReadonlyArray<{ action: string; body: string }>;
  /** Access keys that signed. */
  readonly keys: ReadonlySet<string>;
  close(): Promise<void>;
}

type Json = Record<string, unknown>;
type Answer = { status: number; body: Json };

const SKEW_MS = 5 * 60_000;

/** SSM and Secrets Manager over the wire, with the limits that moto does not enforce: batch sizes and signing dates. */
export async function startFakeAws(): Promise<FakeAws> {
  const parameters = new Map<string, StoredParameter>();
  const secrets = new Map<string, string | Uint8Array>();
  const requests: Array<{ action: string; body: string }> = [];
  const keys = new Set<string>();
  const server = createServer((request, response) => {
    void readBody(request).then((body) => {
      const action = actionOf(request);
      requests.push({ action, body });
      keys.add(/Credential=([^/]+)\//.exec(String(request.headers.authorization))?.[1] ?? "none");
      const refused = refusedDate(request, fake.clockAheadMs);
      const answer = refused ?? act(action, JSON.parse(body) as Json, { parameters, secrets });
      send(response, answer, fake.clockAheadMs);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const fake: FakeAws = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    parameters,
    secrets,
    clockAheadMs: 0,
    requests,
    keys,
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
  return fake;
}

export async function readBody(stream: AsyncIterable<unknown>): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

/** `GetParameters` of `X-Amz-Target: AmazonSSM.GetParameters`. */
export const actionOf = (request: IncomingMessage): string =>
  String(request.headers["x-amz-target"] ?? "?").split(".")[1] ?? "?";

function send(response: ServerResponse, { status, body }: Answer, clockAheadMs: number): void {
  const date = new Date(Date.now() + clockAheadMs).toUTCString();
  response.writeHead(status, { "content-type": "application/x-amz-json-1.1", date });
  response.end(JSON.stringify(body));
}

const problem = (type: string, message: string): Answer => ({ status: 400, body: { __type: type, message } });

function refusedDate(request: IncomingMessage, clockAheadMs: number): Answer | undefined {
  const stamp = /^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/.exec(String(request.headers["x-amz-date"]));
  if (!stamp || !String(request.headers.authorization).startsWith("AWS4-HMAC-SHA256 Credential=")) {
    return problem("MissingAuthenticationTokenException", "the request is not signed");
  }
  const [year, month, day, hour, minute, second] = stamp.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const signed = Date.UTC(year, month - 1, day, hour, minute, second);
  const off = Math.abs(signed - (Date.now() + clockAheadMs));
  return off > SKEW_MS
    ? problem("InvalidSignatureException", `Signature expired: ${stamp[0]} is too far off`)
    : undefined;
}

interface Store {
  readonly parameters: Map<string, StoredParameter>;
  readonly secrets: Map<string, string | Uint8Array>;
}

function act(action: string, body: Json, store: Store): Answer {
  if (action === "GetParameters") return getParameters(body, store);
  if (action === "PutParameter") return putParameter(body, store);
  if (action === "GetSecretValue") return getSecretValue(body, store);
  if (action === "DescribeSecret") return describeSecret(body, store);
  if (action === "BatchGetSecretValue") return batchGetSecretValue(body, store);
  return { status: 404, body: { __type: "UnknownOperationException", message: `the fake knows no ${action}` } };
}

function getParameters({ Names, WithDecryption }: Json, { parameters }: Store): Answer {
  const names = Names as string[];
  if (names.length > 10) return problem("ValidationException", "Member must have length less than or equal to 10");
  const found = names.filter((name) => parameters.has(name)).sort();
  return {
    status: 200,
    body: {
      Parameters: found.map((Name) => {
        const { value, type, version: Version = 1 } = parameters.get(Name)!;
        const isOpen = type === "String" || WithDecryption === true;
        return { Name, Type: type, Value: isOpen ? value : "encrypted", Version };
      }),
      InvalidParameters: names.filter((name) => !parameters.has(name)),
    },
  };
}

function putParameter({ Name, Value, Type, Overwrite }: Json, { parameters }: Store): Answer {
  const [name, value] = [Name as string, Value as string];
  if (value === "" || value.includes("{{")) return problem("ValidationException", "the value is not allowed");
  if (parameters.has(name) && Overwrite !== true)
    return problem("ParameterAlreadyExists", "The parameter already exists.");
  parameters.set(name, { value, type: Type as StoredParameter["type"] });
  return { status: 200, body: { Version: 1, Tier: "Standard" } };
}

function getSecretValue({ SecretId }: Json, { secrets }: Store): Answer {
  const value = secrets.get(SecretId as string);
  if (value === undefined)
    return problem("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  return { status: 200, body: secretOf(SecretId as string, value) };
}

function describeSecret({ SecretId }: Json, { secrets }: Store): Answer {
  const value = secrets.get(SecretId as string);
  if (value === undefined)
    return problem("ResourceNotFoundException", "Secrets Manager can't find the specified secret.");
  const VersionIdsToStages = { "an-older-one": ["AWSPREVIOUS"], [versionOf(value)]: ["AWSCURRENT"] };
  return { status: 200, body: { Name: SecretId, DeletedDate: null, VersionIdsToStages } };
}

const versionOf = (value: string | Uint8Array): string => createHash("sha256").update(value).digest("hex").slice(0, 8);

function batchGetSecretValue({ SecretIdList }: Json, { secrets }: Store): Answer {
  const ids = SecretIdList as string[];
  if (ids.length > 20) return problem("ValidationException", "Member must have length less than or equal to 20");
  const missing = ids.filter((id) => !secrets.has(id));
  return {
    status: 200,
    body: {
      SecretValues: ids.filter((id) => secrets.has(id)).map((id) => secretOf(id, secrets.get(id)!)),
      Errors: missing.map((SecretId) => ({
        SecretId,
        ErrorCode: "ResourceNotFoundException",
        Message: "Secrets Manager can't find the specified secret.",
      })),
    },
  };
}

function secretOf(Name: string, value: string | Uint8Array): Json {
  const secret = { Name, ARN: `arn:aws:secretsmanager:${Name}`, VersionId: versionOf(value) };
  return typeof value === "string"
    ? { ...secret, SecretString: value }
    : { ...secret, SecretBinary: Buffer.from(value).toString("base64") };
}

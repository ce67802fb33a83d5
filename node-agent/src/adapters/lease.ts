import type { LeaseRecord, LeaseStore } from "../core/router-lease.ts";
import { PermissionError, TemporaryError } from "../errors.ts";
import type { HttpAnswer } from "./http-request.ts";

/** One signed call; the store is DynamoDB by its JSON protocol or S3 by plain HTTP. */
export type SignedCall = (call: {
  readonly service: "dynamodb" | "s3";
  readonly method: "GET" | "POST" | "PUT";
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}) => Promise<HttpAnswer>;

/** The store a node document names: `dynamodb:TABLE` (key "zone") or `s3://BUCKET/PREFIX`. */
export function leaseStore(where: string, call: SignedCall): LeaseStore {
  const table = /^dynamodb:(.+)$/.exec(where)?.[1];
  if (table !== undefined) return dynamoLease(table, call);
  const [, bucket = "", prefix = ""] = /^s3:\/\/([^/]+)\/(.+)$/.exec(where) ?? [];
  return s3Lease(bucket, prefix, call);
}

interface Item {
  readonly Item?: { readonly holder?: { readonly S: string }; readonly version?: { readonly S: string } };
}

function dynamoLease(table: string, call: SignedCall): LeaseStore {
  const send = (operation: string, body: object) =>
    call({
      service: "dynamodb",
      method: "POST",
      path: "/",
      headers: { "content-type": "application/x-amz-json-1.0", "x-amz-target": `DynamoDB_20120810.${operation}` },
      body: JSON.stringify({ TableName: table, ...body }),
    });
  return {
    async read(zone) {
      const answer = await send("GetItem", { Key: { zone: { S: zone } }, ConsistentRead: true });
      if (answer.status !== 200) throw refused("dynamodb:GetItem", answer);
      const { Item } = JSON.parse(answer.body) as Item;
      if (Item?.holder === undefined || Item.version === undefined) return undefined;
      return { holder: Item.holder.S, version: Item.version.S };
    },
    async write(zone, next, expected) {
      const condition =
        expected === undefined
          ? { ConditionExpression: "attribute_not_exists(#v)", ExpressionAttributeNames: { "#v": "version" } }
          : {
              ConditionExpression: "#v = :v",
              ExpressionAttributeNames: { "#v": "version" },
              ExpressionAttributeValues: { ":v": { S: expected.version } },
            };
      const Item = { zone: { S: zone }, holder: { S: next.holder }, version: { S: next.version } };
      const answer = await send("PutItem", { Item, ...condition });
      if (answer.status === 200) return true;
      if (answer.body.includes("ConditionalCheckFailedException")) return false;
      throw refused("dynamodb:PutItem", answer);
    },
  };
}

// The version is the ETag, which S3 computes from the bytes; the body carries a unique text, so that it differs.
function s3Lease(bucket: string, prefix: string, call: SignedCall): LeaseStore {
  const path = (zone: string) => `/${bucket}/${prefix}/${zone}`;
  const bodies = new Map<string, string>();
  return {
    async read(zone) {
      const answer = await call({ service: "s3", method: "GET", path: path(zone), headers: {}, body: "" });
      if (answer.status === 404) return undefined;
      if (answer.status !== 200) throw refused("s3:GetObject", answer);
      const record = JSON.parse(answer.body) as LeaseRecord;
      bodies.set(record.version, String(answer.headers.etag ?? ""));
      return record;
    },
    async write(zone, next, expected) {
      const condition =
        expected === undefined ? { "if-none-match": "*" } : { "if-match": bodies.get(expected.version) ?? '"none"' };
      const body = JSON.stringify(next);
      const answer = await call({ service: "s3", method: "PUT", path: path(zone), headers: condition, body });
      if (answer.status === 200) bodies.set(next.version, String(answer.headers.etag ?? ""));
      if (answer.status === 200) return true;
      if (answer.status === 412 || answer.status === 409 || answer.status === 404) return false;
      throw refused("s3:PutObject", answer);
    },
  };
}

function refused(action: string, { status, body }: HttpAnswer): Error {
  const code =
    /<Code>(\w+)|#(\w+)"|"__type":"(\w+)"/
      .exec(body)
      ?.slice(1)
      .find((part) => part !== undefined) ?? `HTTP ${status}`;
  const because = { why: code, fix: `allow ${action} on the lease of this environment (docs/runbook-router.md)` };
  return /AccessDenied|NotAuthorized|UnrecognizedClient/.test(code)
    ? new PermissionError(`${action} was denied`, because)
    : new TemporaryError(`${action} failed`, because);
}

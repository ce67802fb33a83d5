import type { LeaseStore } from "../core/router-lease.ts";
import { PermissionError, TemporaryError } from "../errors.ts";
import type { HttpAnswer } from "./http-request.ts";

/** One signed call of DynamoDB's JSON protocol. */
export type SignedCall = (operation: string, body: object) => Promise<HttpAnswer>;

interface Item {
  readonly Item?: { readonly holder?: { readonly S: string }; readonly version?: { readonly S: string } };
}

/** The store a node document names: `dynamodb:TABLE`, whose key is `zone`. */
export function leaseStore(where: string, call: SignedCall): LeaseStore {
  const table = where.replace(/^dynamodb:/, "");
  const send = (operation: string, body: object) => call(operation, { TableName: table, ...body });
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

function refused(action: string, { status, body }: HttpAnswer): Error {
  const code =
    /#(\w+)"|"__type":\s*"(\w+)"/
      .exec(body)
      ?.slice(1)
      .find((part) => part !== undefined) ?? `HTTP ${status}`;
  const because = { why: code, fix: `allow ${action} on the lease of this environment (docs/runbook-router.md)` };
  return /AccessDenied|NotAuthorized|UnrecognizedClient/.test(code)
    ? new PermissionError(`${action} was denied`, because)
    : new TemporaryError(`${action} failed`, because);
}

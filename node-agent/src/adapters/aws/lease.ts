import { ConfigurationError, PermissionError, TemporaryError } from "../../base/errors.ts";
import type { HttpAnswer } from "../../base/http-request.ts";
import { refusalIn } from "../../core/aws/answer.ts";
import { judgeFailure } from "../../core/aws/failure.ts";
import type { LeaseStore } from "../../core/router/failover/lease.ts";

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
      if (refusalIn(answer.status, answer.body).name === "ConditionalCheckFailedException") return false;
      throw refused("dynamodb:PutItem", answer);
    },
  };
}

function refused(action: string, { status, body }: HttpAnswer): Error {
  const { name } = refusalIn(status, body);
  const explanation = { why: name, fix: `allow ${action} on the lease of this environment (docs/runbook-router.md)` };
  const { kind } = judgeFailure({ name, status });
  if (kind === "denied") return new PermissionError(`${action} was denied`, { code: "aws.denied", ...explanation });
  if (kind === "refused") return new ConfigurationError(`${action} failed`, { code: "aws.refused", ...explanation });
  return new TemporaryError(`${action} failed`, { code: "aws.no-answer", ...explanation });
}

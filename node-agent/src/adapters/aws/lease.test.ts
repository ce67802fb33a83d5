import { expect, test } from "vitest";
import { type Condition, holds, type TextItem } from "../../../../scripts/lab/condition.ts";
import { ConfigurationError, PermissionError, TemporaryError } from "../../base/errors.ts";
import { leaseStore } from "./lease.ts";

interface Call extends Condition {
  readonly TableName: string;
  readonly Key?: TextItem;
  readonly Item?: TextItem;
  readonly ConsistentRead?: boolean;
}

/** DynamoDB as far as a lease goes: it evaluates the condition it is sent, and a read that does not insist is stale. */
function table() {
  const items = new Map<string, TextItem>();
  const stale = new Map<string, TextItem>();
  const call = async (operation: string, body: object) => {
    const { TableName, Key, Item, ConsistentRead, ...condition } = body as Call;
    const zone = (Key ?? Item)?.zone?.S ?? "";
    const answer = (status: number, value: object) => ({ status, headers: {}, body: JSON.stringify(value) });
    if (TableName !== "leases") return answer(400, { __type: "x#ResourceNotFoundException" });
    if (operation === "GetItem") return answer(200, { Item: (ConsistentRead === true ? items : stale).get(zone) });
    const before = items.get(zone);
    if (operation !== "PutItem" || Item === undefined) return answer(400, { __type: "x#UnknownOperationException" });
    if (!holds(condition, before)) return answer(400, { __type: "x#ConditionalCheckFailedException" });
    if (before !== undefined) stale.set(zone, before);
    items.set(zone, Item);
    return answer(200, {});
  };
  return { items, store: leaseStore("dynamodb:leases", call) };
}

const first = { holder: "a", version: "1" };
const second = { holder: "b", version: "2" };
const third = { holder: "c", version: "3" };

test("a lease that nobody wrote is nobody's; the first writer has it, and a second that saw nothing does not", async () => {
  const { store } = table();
  expect(await store.read("z")).toBeUndefined();
  expect(await store.write("z", first, undefined)).toBe(true);
  expect(await store.write("z", second, undefined)).toBe(false);
  expect(await store.read("z")).toEqual(first);
});

test("of two writers that saw the same version one is refused, and what it would have written is nowhere", async () => {
  const { store } = table();
  await store.write("z", first, undefined);
  expect(await store.write("z", second, first)).toBe(true);
  expect(await store.write("z", third, first)).toBe(false);
  expect(await store.read("z")).toEqual(second);
});

test("what was written last is read, not what a replica still has", async () => {
  const { store } = table();
  await store.write("z", first, undefined);
  await store.write("z", second, first);
  expect(await store.read("z")).toEqual(second);
});

test("each zone has a lease of its own", async () => {
  const { store, items } = table();
  await store.write("y", first, undefined);
  expect(await store.read("z")).toBeUndefined();
  expect(await store.write("z", second, undefined)).toBe(true);
  expect([...items]).toEqual([
    ["y", { zone: { S: "y" }, holder: { S: "a" }, version: { S: "1" } }],
    ["z", { zone: { S: "z" }, holder: { S: "b" }, version: { S: "2" } }],
  ]);
});

test("an item that is no lease is as good as none", async () => {
  const { store, items } = table();
  items.set("z", { zone: { S: "z" }, holder: { S: "a" } });
  expect(await store.read("z")).toBeUndefined();
  items.set("z", { zone: { S: "z" }, version: { S: "1" } });
  expect(await store.read("z")).toBeUndefined();
});

test.each([
  [400, '{"__type":"com.amazon#AccessDeniedException"}', PermissionError, "AccessDeniedException"],
  [400, '{"__type":"UnrecognizedClientException"}', PermissionError, "UnrecognizedClientException"],
  [400, '{"__type":"x#ThrottlingException"}', TemporaryError, "ThrottlingException"],
  [400, '{"__type":"x#ResourceNotFoundException"}', ConfigurationError, "ResourceNotFoundException"],
  [500, "<html>", TemporaryError, "HTTP 500"],
])("a refusal %i %s is told by its code, of reads and of writes", async (status, body, Kind, why) => {
  const store = leaseStore("dynamodb:leases", async () => ({ status, headers: {}, body }));
  for (const [call, action] of [
    [store.read("z"), "dynamodb:GetItem"],
    [store.write("z", first, undefined), "dynamodb:PutItem"],
  ] as const) {
    const error: unknown = await call.catch((thrown: unknown) => thrown);
    expect(error).toBeInstanceOf(Kind);
    expect(error).toMatchObject({ why, message: expect.stringContaining(action) });
  }
});

import { expect, test } from "vitest";
import { holds } from "./condition.ts";

const names = { "#v": "version" };
const value = { ":v": { S: "1" } };
const item = { version: { S: "1" } };
const when = (ConditionExpression: string) => ({
  ConditionExpression,
  ExpressionAttributeNames: names,
  ExpressionAttributeValues: value,
});

test("an attribute is there or not, also where there is no item", () => {
  expect(holds(when("attribute_not_exists(#v)"), undefined)).toBe(true);
  expect(holds(when("attribute_not_exists(#v)"), item)).toBe(false);
  expect(holds(when("attribute_exists(#v)"), item)).toBe(true);
  expect(holds(when("attribute_not_exists(holder)"), item)).toBe(true);
});

test("values are compared with attributes, and with nothing where there is no item", () => {
  expect(holds(when("#v = :v"), item)).toBe(true);
  expect(holds(when("#v = #v"), item)).toBe(true);
  expect(holds(when("#v <> :v"), item)).toBe(false);
  expect(holds(when("#v = :v"), undefined)).toBe(false);
  expect(holds(when("#v = :v AND attribute_not_exists(#v)"), item)).toBe(false);
  expect(holds({}, item)).toBe(true);
});

test.each(["#v > :v", "#w = :v", "#v = :w", "version"])("%s is refused rather than guessed", (expression) => {
  expect(() => holds(when(expression), item)).toThrow(/cannot read|no ExpressionAttribute/);
});

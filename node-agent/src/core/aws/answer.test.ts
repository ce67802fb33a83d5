import { expect, test } from "vitest";
import { elementText, refusalIn } from "./answer.ts";

test("the text of an element is unescaped once", () => {
  expect(elementText("<A><B>&amp;lt; x</B></A>", "B")).toBe("&lt; x");
  expect(elementText("<A></A>", "B")).toBeUndefined();
});

test.each([
  ['{"__type":"com.amazon.coral#AccessDenied","message":"a \\"b\\""}', { name: "AccessDenied", message: 'a "b"' }],
  ['{"__type":"Throttling","Message":"slow"}', { name: "Throttling", message: "slow" }],
  ['{"code":"TooMany","message":"m"', { name: "TooMany", message: "m" }],
  ["<Error><Code>SlowDown</Code></Error>", { name: "SlowDown" }],
  ["", { name: "HTTP 400" }],
  ['{"__type":"cut \\', { name: "HTTP 400" }],
])("%s says what was refused", (body, refusal) => {
  expect(refusalIn(400, body)).toEqual(refusal);
});

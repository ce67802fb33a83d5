import { expect, test } from "vitest";
import { readReturn } from "../../../images/storefront/src/returns/read-return.ts";

const LINES = [
  { id: "line_1", quantity: 2 },
  { id: "line_2", quantity: 1 },
];
const read = (fields: Readonly<Record<string, string>>) => readReturn((name) => fields[name], LINES);

test("what is chosen of each line is read, with a reason and a note where there are any", () => {
  expect(read({ "quantity-line_1": "2", "quantity-line_2": "0", reason: "", note: "  " })).toEqual({
    items: [{ id: "line_1", quantity: 2 }],
  });
  const whole = read({ "quantity-line_2": "1", reason: "rr_1", note: " it\r\nwilted " });
  expect(whole).toEqual({ items: [{ id: "line_2", quantity: 1 }], reason_id: "rr_1", note: "it\nwilted" });
  expect(read({ "quantity-line_2": "1", note: "x".repeat(600) })?.note).toHaveLength(500);
});

test.each([
  {},
  { "quantity-line_1": "0" },
  { "quantity-line_1": "3" },
  { "quantity-line_1": "-1" },
  { "quantity-line_1": "1.5" },
])("%j asks for nothing that could come back", (fields) => {
  expect(read(fields as Readonly<Record<string, string>>)).toBeUndefined();
});

test("a line of another order is not read", () => {
  expect(read({ "quantity-line_9": "1" })).toBeUndefined();
});

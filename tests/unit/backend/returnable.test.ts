import { expect, test } from "vitest";
import { isLeft, readAskedReturn, returnableLines } from "../../../images/backend/src/returns/returnable.ts";

const item = (quantity: unknown = 1, id: unknown = "line_1") => ({ id, quantity });

test("what was sent may come back, without what is on its way or here already", () => {
  const detail = {
    shipped_quantity: { valueOf: () => 5 },
    return_requested_quantity: 1,
    return_received_quantity: "2",
  };
  const sold = [
    { id: "line_1", product_title: "Aloe", detail },
    { id: "line_2", detail: { shipped_quantity: 1, return_dismissed_quantity: 1 } },
    { id: "line_3", detail: { shipped_quantity: 0 } },
    { id: "line_4", detail: null },
  ];
  expect(returnableLines(sold)).toEqual([{ id: "line_1", product_title: "Aloe", quantity: 2 }]);
});

test("a wish names lines of the order, each once and no more than are left", () => {
  const lines = [
    { id: "line_1", quantity: 2 },
    { id: "line_2", quantity: 1 },
  ];
  expect(isLeft({ items: [{ id: "line_1", quantity: 2 }] }, lines)).toBe(true);
  for (const items of [[{ id: "line_1", quantity: 3 }], [{ id: "line_9", quantity: 1 }]])
    expect(isLeft({ items }, lines)).toBe(false);
});

test("reason and note may be left out; what no order could mean is refused", () => {
  expect(readAskedReturn({ items: [item(2)] })).toEqual({
    items: [{ id: "line_1", quantity: 2 }],
    reason: undefined,
    note: "",
  });
  expect(readAskedReturn({ items: [item()], reason_id: "rr_1", note: " wilted " })).toMatchObject({
    reason: "rr_1",
    note: "wilted",
  });
  const odd = [undefined, {}, { items: [] }, { items: "x" }, { items: [item(0)] }, { items: [item(1.5)] }];
  const more = [{ items: [item("1")] }, { items: [item(1, 7)] }, { items: [item(), item()] }, { items: [null] }];
  const texts = [
    { items: [item()], note: "x".repeat(501) },
    { items: [item()], reason_id: {} },
  ];
  for (const body of [...odd, ...more, ...texts]) expect(readAskedReturn(body)).toBeUndefined();
});

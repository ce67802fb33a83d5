import { expect, test } from "vitest";
import { changedThing } from "../../../images/backend/src/orders/changed-thing.ts";

test.each([
  ["POST", "/orders/order_1/cancel", "orders/order_1"],
  ["POST", "/orders/order_1", "orders/order_1"],
  ["POST", "/Orders/order_1/fulfillments/ful_1/cancel", "orders/order_1"],
  ["POST", "/payments/pay_1/refund", "payments/pay_1"],
  ["DELETE", "/returns/return_1/request", "returns/return_1"],
  ["GET", "/orders/order_1", undefined],
  ["POST", "/orders", undefined],
  ["POST", "/products/prod_1", undefined],
  ["POST", "/products/orders/x", undefined],
])("%s %s changes %s", (method, path, thing) => {
  expect(changedThing(method, path)).toBe(thing);
});

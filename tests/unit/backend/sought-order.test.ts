import { expect, test } from "vitest";
import { sameEmail, soughtOrder } from "../../../images/backend/src/orders/sought-order.ts";

test("an order is sought by a number that PostgreSQL can hold, and an address", () => {
  const email = "ana@example.com";
  expect(soughtOrder({ display_id: 7, email })).toEqual({ number: 7, email });
  const odd = [
    undefined,
    {},
    { display_id: "7", email },
    { display_id: 0, email },
    { display_id: 2_147_483_648, email },
  ];
  const more = [
    { display_id: 1.5, email },
    { display_id: 7 },
    { display_id: 7, email: " " },
    { display_id: 7, email: {} },
  ];
  for (const body of [...odd, ...more]) expect(soughtOrder(body)).toBeUndefined();
});

test("addresses are the same whatever their case, and nobody's address is nobody's", () => {
  expect(sameEmail(" Ana@Example.com", "ana@example.COM ")).toBe(true);
  expect([sameEmail("ana@example.com", "anna@example.com"), sameEmail(null, ""), sameEmail("", "")]).toEqual([
    false,
    false,
    false,
  ]);
});

import { expect, test } from "vitest";
import { fewLeft, isAllSoldOut, left } from "../../../images/storefront/src/catalogue/stock.ts";
import { checkLines, isBlocked } from "../../../images/storefront/src/shop/cart-check.ts";
import type { LineItem } from "../../../images/storefront/src/store/types.ts";
import { productOf, variantOf } from "./products.ts";

const counted = (inventory_quantity: number) => ({ manage_inventory: true, inventory_quantity });

function line(variant_id: string | null, quantity = 1): LineItem {
  return {
    id: `line-${variant_id}`,
    variant_id,
    product_title: null,
    product_handle: null,
    variant_title: null,
    title: "",
    thumbnail: null,
    quantity,
    unit_price: 10,
    total: 10,
  };
}

test("a line is told why it cannot be ordered: gone, sold out, too many, another price", () => {
  const variants = [
    variantOf("fine", 10, counted(5)),
    variantOf("none", 10, counted(0)),
    variantOf("few", 10, counted(2)),
    variantOf("cheaper", 8),
    variantOf("unpriced", 1, { calculated_price: null }),
  ];
  const items = ["fine", "none", "few", "cheaper", "unpriced", "vanished", null].map((id) => line(id, 3));
  expect(checkLines(items, [productOf("p", { variants })])).toEqual({
    "line-none": { kind: "sold-out" },
    "line-few": { kind: "fewer", left: 2 },
    "line-cheaper": { kind: "price", now: 8 },
    "line-unpriced": { kind: "gone" },
    "line-vanished": { kind: "gone" },
    "line-null": { kind: "gone" },
  });
});

test("a changed price blocks no order, everything else does", () => {
  expect(isBlocked({ a: { kind: "price", now: 1 } })).toBe(false);
  expect(isBlocked({})).toBe(false);
  for (const kind of ["gone", "sold-out"] as const) expect(isBlocked({ a: { kind } })).toBe(true);
});

test("stock is said where it is counted and few; a backorder sells without", () => {
  expect(left(variantOf("v", 1))).toBeUndefined();
  expect(left(variantOf("v", 1, { ...counted(0), allow_backorder: true }))).toBeUndefined();
  expect(left(variantOf("v", 1, counted(-2)))).toBe(0);
  expect([0, 1, 5, 6].map((count) => fewLeft(variantOf("v", 1, counted(count))))).toEqual([undefined, 1, 5, undefined]);
});

test("a product is sold out when everything of it that has a price is", () => {
  const none = variantOf("none", 1, counted(0));
  expect(isAllSoldOut(productOf("p", { variants: [none, variantOf("x", 1, { calculated_price: null })] }))).toBe(true);
  expect(isAllSoldOut(productOf("p", { variants: [none, variantOf("one", 1, counted(1))] }))).toBe(false);
  expect(isAllSoldOut(productOf("p", { variants: [] }))).toBe(false);
});

import { describe, expect, test } from "vitest";
import { type Line, missing, unsold, type Variant } from "../../../images/backend/src/orders/for-sale.ts";

const CHANNEL = "sc_1";
const stock = (stocked: number, reserved = 0, channel = CHANNEL) => ({
  stocked_quantity: stocked,
  reserved_quantity: reserved,
  stock_locations: [{ sales_channels: [{ id: channel }] }],
});

function line(title: string, parts: Record<string, ReturnType<typeof stock>[]>, variant: Variant = {}): Line {
  return {
    title,
    quantity: 1,
    variant_id: `variant_${title}`,
    variant: {
      manage_inventory: true,
      product: { status: "published", sales_channels: [{ id: CHANNEL }] },
      inventory_items: Object.entries(parts).map(([id, levels]) => ({
        inventory_item_id: id,
        required_quantity: 1,
        inventory: { location_levels: levels },
      })),
      ...variant,
    },
  };
}

const fern = (levels = [stock(1)], variant: Variant = {}) => line("Fern", { pot: levels }, variant);

describe("what is for sale", () => {
  const isSold = (one: Line) => unsold([one], CHANNEL) === undefined;

  test("a published product of this channel is", () => expect(isSold(fern())).toBe(true));

  test.each<[string, Line]>([
    ["drafted", fern(undefined, { product: { status: "draft", sales_channels: [{ id: CHANNEL }] } })],
    ["taken out of the channel", fern(undefined, { product: { status: "published", sales_channels: [] } })],
    ["deleted", { ...fern(), variant: null }],
    ["left without a product", fern(undefined, { product: null })],
  ])("a product that was %s meanwhile is not, and is named", (_, gone) => {
    expect(unsold([fern(), { ...gone, title: "Moss" }], CHANNEL)).toEqual({
      code: "not_for_sale",
      message: expect.stringContaining('"Moss" is no longer for sale'),
    });
  });

  test("a line of no variant, which the keeper wrote in by hand, is nobody's product", () => {
    expect(unsold([{ title: "Gift wrap", quantity: 1, variant_id: null }], CHANNEL)).toBeUndefined();
  });
});

describe("what there is enough of", () => {
  test.each<[string, Line[], string | undefined]>([
    ["all of it", [fern()], undefined],
    ["none", [fern([stock(2, 2)])], '"Fern": sold out.'],
    ["less than wanted", [{ ...fern([stock(3, 1)]), quantity: 3 }], '"Fern": only 2 left.'],
    ["a set and its part, of which there is one", [fern(), line("Set", { pot: [stock(1)] })], "only 1 left."],
    ["a set and its part, of which there are two", [fern([stock(2)]), line("Set", { pot: [stock(2)] })], undefined],
    ["two places that have one each", [{ ...fern([stock(1), stock(1)]), quantity: 2 }], undefined],
    ["a place of another channel", [fern([stock(5, 0, "sc_2")])], "sold out."],
    ["one place oversold, the other not", [fern([stock(0, 3), stock(1)])], undefined],
    ["what may be ordered ahead", [fern([stock(0)], { allow_backorder: true })], undefined],
    ["what is not counted", [fern([stock(0)], { manage_inventory: false })], undefined],
    ["a thing without any place", [fern([])], "sold out."],
  ])("%s", (_, lines, said) => {
    const refusal = missing(lines, CHANNEL);
    expect(refusal?.code).toBe(said && "insufficient_inventory");
    expect(refusal?.message ?? "").toContain(said ?? "");
  });
});

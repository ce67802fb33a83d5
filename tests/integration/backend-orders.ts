import { expect, test } from "vitest";
import { askUntil, call, fillCart, must, prepareToPay } from "./backend-client.ts";
import type { Backend } from "./backend-world.ts";

interface Fleet {
  readonly a: Backend;
  readonly b: Backend;
  readonly key: string;
  readonly token: string;
}

type Answer = { type?: string; code?: string; message?: string; order?: { id: string; total: number } };
type Variant = { id: string; productId: string; priceId: string };

/** Two backends and what they answer when a cart is not what it was when it was filled. */
export function orderTests(fleet: () => Fleet): void {
  const admin = <Body>(path: string, body?: unknown, method = "POST") =>
    must<Body>(fleet().a.url, `/admin${path}`, { token: fleet().token, method, ...(body ? { body } : {}) });

  /** Something that is counted: so many of it at the shop's one place. */
  async function stock(sku: string, count: number): Promise<string> {
    const { inventory_item: item } = await admin<{ inventory_item: { id: string } }>("/inventory-items", { sku });
    const { stock_locations: places } = await admin<{ stock_locations: { id: string }[] }>(
      "/stock-locations",
      undefined,
      "GET",
    );
    await admin(`/inventory-items/${item.id}/location-levels`, {
      location_id: places[0]!.id,
      stocked_quantity: count,
    });
    return item.id;
  }

  async function levelOf(item: string): Promise<[stocked: number, reserved: number]> {
    type Levels = { inventory_levels: { stocked_quantity: number; reserved_quantity: number }[] };
    const { inventory_levels: levels } = await admin<Levels>(
      `/inventory-items/${item}/location-levels`,
      undefined,
      "GET",
    );
    return [levels[0]!.stocked_quantity, levels[0]!.reserved_quantity];
  }

  async function sell(title: string, item: string): Promise<Variant> {
    const [{ shipping_profiles: profiles }, { sales_channels: channels }] = await Promise.all([
      admin<{ shipping_profiles: { id: string }[] }>("/shipping-profiles", undefined, "GET"),
      admin<{ sales_channels: { id: string }[] }>("/sales-channels", undefined, "GET"),
    ]);
    const body = {
      title,
      // Of its own: Medusa makes one of the title, and several tests sell a fern.
      handle: `${title}-${item}`.toLowerCase().replaceAll("_", "-"),
      status: "published",
      shipping_profile_id: profiles[0]!.id,
      sales_channels: [{ id: channels[0]!.id }],
      options: [{ title: "Size", values: ["M"] }],
      variants: [
        {
          title: "M",
          options: { Size: "M" },
          manage_inventory: true,
          inventory_items: [{ inventory_item_id: item, required_quantity: 1 }],
          prices: [{ currency_code: "eur", amount: 10 }],
        },
      ],
    };
    type Made = { product: { id: string; variants: { id: string; prices: { id: string }[] }[] } };
    const { product } = await admin<Made>("/products", body);
    const [variant] = product.variants;
    return { id: variant!.id, productId: product.id, priceId: variant!.prices[0]!.id };
  }

  /** A cart with one of each variant that has only to be completed. */
  async function ready(...variants: Variant[]): Promise<string> {
    const { a, key } = fleet();
    const cart = await fillCart(a.url, key, variants[0]!.id, 1);
    for (const { id } of variants.slice(1))
      await must(a.url, `/store/carts/${cart}/line-items`, { key, body: { variant_id: id, quantity: 1 } });
    await prepareToPay(a.url, key, cart);
    return cart;
  }

  const complete = (cart: string, at: "a" | "b" = "a") =>
    call<Answer>(fleet()[at].url, `/store/carts/${cart}/complete`, { key: fleet().key, method: "POST" });

  const soldOut = { status: 400, body: expect.objectContaining({ code: "insufficient_inventory" }) };

  test("the last one, wanted by eight at once on two nodes, is sold once, and seven read that it is gone", async () => {
    const item = await stock("last", 1);
    const fern = await sell("Fern", item);
    // One after the other: two guests of one address at once are a conflict to Medusa.
    const carts: string[] = [];
    for (let at = 0; at < 8; at += 1) carts.push(await ready(fern));
    // A busy machine may ask one to come back before it is that one's turn.
    const answers = await Promise.all(
      carts.map((cart, at) =>
        askUntil(
          () => complete(cart, at % 4 === 3 ? "b" : "a"),
          ({ status }) => status !== 503,
          60_000,
        ),
      ),
    );
    expect(answers.filter(({ status }) => status === 200).map(({ body }) => body.type)).toEqual(["order"]);
    const losers = answers.filter(({ status }) => status !== 200);
    expect(losers.map(({ status, body }) => [status, body.message])).toEqual(
      losers.map(() => [400, expect.stringMatching(/sold out|inventory|stock/i)]),
    );
    expect(await levelOf(item)).toEqual([1, 1]);
  });

  test("a set and its part do not sell more of one thing than there is (medusa#16502)", async () => {
    const item = await stock("shared", 1);
    const [part, set] = [await sell("Part", item), await sell("Set", item)];
    expect(await complete(await ready(part, set))).toMatchObject(soldOut);
    expect(await levelOf(item)).toEqual([1, 0]);
    expect((await complete(await ready(set))).status).toBe(200);
    expect(await levelOf(item)).toEqual([1, 1]);
  });

  test("what was drafted or deleted after it was put into a cart is not sold (medusa#14317)", async () => {
    const item = await stock("withdrawn", 9);
    const [drafted, deleted] = [await sell("Drafted", item), await sell("Deleted", item)];
    const carts = [await ready(drafted), await ready(deleted)];
    await admin(`/products/${drafted.productId}`, { status: "draft" });
    await admin(`/products/${deleted.productId}`, undefined, "DELETE");
    const answers = await Promise.all(carts.map((cart) => complete(cart)));
    expect(answers.map(({ status, body }) => [status, body.code, body.message])).toEqual([
      [400, "not_for_sale", expect.stringContaining('"Drafted" is no longer for sale')],
      [400, "not_for_sale", expect.stringContaining('"Deleted" is no longer for sale')],
    ]);
    // Taken out, nothing is in the way of the rest.
    const { a, key } = fleet();
    type Cart = { cart: { items: { id: string }[] } };
    const { cart } = await must<Cart>(a.url, `/store/carts/${carts[1]}`, { key });
    const gone = `/store/carts/${carts[1]}/line-items/${cart.items[0]!.id}`;
    expect((await call(a.url, gone, { key, method: "DELETE" })).status).toBe(200);
  });

  test("an order that is cancelled twice at once, on two nodes, is cancelled once and gives its stock back", async () => {
    const item = await stock("cancelled", 3);
    const { body } = await complete(await ready(await sell("Cancelled", item)));
    expect(await levelOf(item)).toEqual([3, 1]);
    const { a, b, token } = fleet();
    const cancel = ({ url }: Backend) => call(url, `/admin/orders/${body.order?.id}/cancel`, { token, method: "POST" });
    const answers = await Promise.all([cancel(a), cancel(b), cancel(a)]);
    expect(answers.map(({ status }) => status).toSorted((one, other) => one - other)).toEqual([200, 400, 400]);
    expect(await levelOf(item)).toEqual([3, 0]);
  });

  test("a price that changed is refused once and said, then paid as the cart shows it (medusa#11222)", async () => {
    const fern = await sell("Fern", await stock("repriced", 9));
    const cart = await ready(fern);
    await admin(`/products/${fern.productId}/variants/${fern.id}`, {
      prices: [{ id: fern.priceId, currency_code: "eur", amount: 4 }],
    });
    const refused = await complete(cart);
    expect([refused.status, refused.body.code]).toEqual([400, "price_changed"]);
    expect(refused.body.message).toContain('"Fern" was 10 EUR and is now 4 EUR');
    const { a, key } = fleet();
    const { cart: shown } = await must<{ cart: { total: number } }>(a.url, `/store/carts/${cart}`, { key });
    await prepareToPay(a.url, key, cart);
    const { body } = await complete(cart);
    // 4 and 5 for shipping, 20 % on top.
    expect([shown.total, body.order?.total]).toEqual([10.8, 10.8]);
  });
}

import { expect, test } from "vitest";
import { call, checkOut, fillCart, must } from "./backend-client.ts";
import type { Backend } from "./backend-world.ts";

interface Shop {
  readonly a: Backend;
  readonly b: Backend;
  readonly key: string;
  /** The keeper's. */
  readonly token: string;
  readonly variant: string;
  readonly query: (sql: string) => Promise<Record<string, unknown>[]>;
}

interface Order {
  readonly id: string;
  readonly display_id: number;
}

const BUYER = "buyer@example.com";

/** What Medusa's store API leaves out: a guest's order found again, and an account deleted by its owner. */
export function customerTests(shop: () => Shop): void {
  /** Orders a cart, a guest's or the one of who is logged in. */
  async function order(customer?: string): Promise<Order> {
    const { a, key, variant } = shop();
    const cart = await fillCart(a.url, key, variant, 1);
    if (customer !== undefined)
      await must(a.url, `/store/carts/${cart}/customer`, { key, token: customer, method: "POST" });
    return ((await checkOut(a.url, key, cart)) as unknown as { order: Order }).order;
  }

  /** As Caddy tells the backend who asks: the counts of one address touch no other test. */
  async function seek({ url }: Backend, address: string, body: object) {
    const answer = await fetch(`${url}/store/order-lookup`, {
      method: "POST",
      headers: {
        "content-type": "application/json",
        "x-greenleaf-client": address,
        "x-publishable-api-key": shop().key,
      },
      body: JSON.stringify(body),
    });
    return { status: answer.status, body: (await answer.json()) as unknown };
  }

  test("a guest finds an order by its number and address; whatever is wrong is answered alike", async () => {
    const { a } = shop();
    const { id, display_id } = await order();
    const from = (body: object) => seek(a, "198.51.100.201", body);
    expect(await from({ display_id, email: " Buyer@Example.com " })).toEqual({ status: 200, body: { order: { id } } });
    const wrongAddress = await from({ display_id, email: "other@example.com" });
    const wrongNumber = await from({ display_id: display_id + 1_000, email: BUYER });
    expect([wrongAddress.status, wrongNumber]).toEqual([404, wrongAddress]);
    const odd = [{ display_id: String(display_id), email: BUYER }, { display_id, email: [BUYER] }, { display_id }, []];
    for (const body of odd) expect((await from(body)).status).toBe(400);
  });

  test("numbers are not tried without end: ten wrong ones and the right one is refused too, by every node", async () => {
    const { a, b } = shop();
    const { display_id } = await order();
    // At once: the minute of the count is over by the clock.
    const ends = await Promise.all(
      Array.from({ length: 10 }, (_, at) =>
        // Each with an address of its own: an e-mail address has a count too.
        seek(at % 2 ? a : b, "198.51.100.202", { display_id, email: `guess-${at}@example.com` }),
      ),
    );
    expect(new Set(ends.map(({ status }) => status))).toEqual(new Set([404]));
    for (const node of [a, b])
      expect((await seek(node, "198.51.100.202", { display_id, email: BUYER })).status).toBe(429);
    expect((await seek(b, "198.51.100.203", { display_id, email: BUYER })).status).toBe(200);
  });

  test("a deleted account opens nothing any more, nothing personal of it is left, and its address is free again", async () => {
    const { a, b, key, token, query } = shop();
    const person = { email: "leaves@shop.example", password: "eight characters" };
    const customer = await registered(a.url, key, person);
    const address = { first_name: "Lea", last_name: "Ves", address_1: "1 Way", city: "Ghent", country_code: "be" };
    await must(a.url, "/store/customers/me/addresses", { key, token: customer.token, body: address });
    const cart = await fillCart(a.url, key, shop().variant, 1);
    await must(a.url, `/store/carts/${cart}/customer`, { key, token: customer.token, method: "POST" });

    expect((await call(a.url, "/store/customers/me/erase", { key, method: "POST" })).status).toBe(401);
    expect((await call(a.url, "/store/customers/me/erase", { key, token, method: "POST" })).status).toBe(401);
    const erased = await call(a.url, "/store/customers/me/erase", { key, token: customer.token, body: {} });
    expect(erased).toMatchObject({ status: 200, body: { id: customer.id, deleted: true } });

    for (const { url } of [a, b])
      expect((await call(url, "/store/customers/me", { key, token: customer.token })).status).toBe(401);
    expect((await call(a.url, "/auth/customer/emailpass", { body: person })).status).toBe(401);
    expect((await call(a.url, `/admin/customers/${customer.id}`, { token })).status).toBe(404);
    expect((await call(a.url, `/store/carts/${cart}`, { key })).status).toBe(404);
    const left = await query(`select
      (select count(*)::int from customer where id = '${customer.id}' and coalesce(email, first_name, phone) is not null) as names,
      (select count(*)::int from customer_address where customer_id = '${customer.id}') as addresses,
      (select count(*)::int from provider_identity where entity_id = '${person.email}') as logins`);
    expect(left).toEqual([{ names: 0, addresses: 0, logins: 0 }]);
    expect((await registered(a.url, key, person)).id).not.toBe(customer.id);
  });

  test("an order that is open when its account is deleted is kept, found by its number, and sent or cancelled", async () => {
    const { a, key, token } = shop();
    const email = "orders@shop.example";
    const customer = await registered(a.url, key, { email, password: "eight characters" });
    const { id, display_id } = await order(customer.token);
    await must(a.url, "/store/customers/me/erase", { key, token: customer.token, body: {} });
    type Found = { order: { email: string; status: string } };
    const { order: kept } = await must<Found>(a.url, `/admin/orders/${id}?fields=email,status`, { token });
    expect(kept.email).toBe(email);
    expect((await seek(a, "198.51.100.204", { display_id, email })).status).toBe(200);
    expect((await must<Found>(a.url, `/admin/orders/${id}/cancel`, { token, method: "POST" })).order.status).toBe(
      "canceled",
    );
  });
}

async function registered(url: string, key: string, person: { email: string; password: string }) {
  const enter = (path: string) => must<{ token: string }>(url, path, { body: person });
  const { token: identity } = await enter("/auth/customer/emailpass/register");
  const body = { email: person.email, first_name: "Lea" };
  type Made = { customer: { id: string } };
  const { customer } = await must<Made>(url, "/store/customers", { key, token: identity, body });
  return { id: customer.id, token: (await enter("/auth/customer/emailpass")).token };
}

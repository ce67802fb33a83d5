import { expect, test } from "vitest";
import { EVENTS, lettersFor } from "../../../images/backend/src/mail/letters-for.ts";
import type { Asked, Office } from "../../../images/backend/src/mail/office.ts";

type Rows = Readonly<Record<string, unknown>>;

/** An office whose records are written by hand; what is not there is not found. */
function office(rows: Rows): Office {
  return {
    mail: { language: "en", shopUrl: "https://shop.example" },
    sheet: async (language) => ({ shop: "Green & Leaf", shopUrl: "https://shop.example", language }),
    find: async <Row>(entity: string, { fields }: Asked) => {
      // "*items" is how the HTTP API is asked; a query passes over it without a word.
      expect(fields.filter((field) => !/^[a-z_]+(\.[a-z_]+)*(\.\*)?$/.test(field))).toEqual([]);
      return rows[entity] as Row | undefined;
    },
  };
}

/** As Medusa's big numbers arrive. */
const amount = (value: number) => ({ valueOf: () => value, numeric: value });

const ORDER = {
  id: "order_1",
  display_id: 42,
  email: "ana@example.com",
  created_at: "2026-03-02T23:30:00Z",
  currency_code: "eur",
  metadata: { language: "fr" },
  total: amount(52.3),
  tax_total: amount(8.72),
  discount_total: 0,
  items: [
    { id: "line_1", product_title: "Monstera", variant_title: "M", quantity: amount(2), total: amount(47.4) },
    { id: "line_2", product_title: null, title: "<b>Pot</b>", quantity: 1, total: 0 },
  ],
  shipping_methods: [{ name: "Standard", total: amount(4.9) }],
  shipping_address: { first_name: "Ana", last_name: "Dupont", address_1: "1 rue", postal_code: "75001", city: "Paris" },
};
const blanks = (text: string) => text.replace(/\s+/gu, " ");

async function only(event: string, data: Record<string, unknown>, rows: Rows) {
  const found = await lettersFor(event, data, office(rows));
  expect(found).toHaveLength(1);
  const [due] = found;
  if (due === undefined) throw new Error("no letter");
  return { ...due, text: blanks(due.letter.text) };
}

test("an order's letter names each line, net, VAT and gross, in the language of the order", async () => {
  const due = await only("order.placed", { id: "order_1" }, { order: ORDER });
  expect(due).toMatchObject({ key: "order.placed:order_1", to: "ana@example.com" });
  expect(due.letter.subject).toBe("Votre commande 42 chez Green & Leaf");
  for (const said of ["Bonjour Ana,", "du 2 mars 2026", "2 × Monstera, M 47,40 €", "Livraison (Standard) 4,90 €"])
    expect(due.text).toContain(said);
  for (const said of ["Total HT 43,58 €", "TVA 8,72 €", "Total TTC 52,30 €", "https://shop.example/fr/order"])
    expect(due.text).toContain(said);
  expect(due.letter.html).toContain("&lt;b&gt;Pot&lt;/b&gt;");
  expect(due.letter.html).not.toContain("<b>Pot");
});

test("an order that tells no language is written to in the shop's", async () => {
  const due = await only("order.placed", { id: "order_1" }, { order: { ...ORDER, metadata: null } });
  expect(due.letter.subject).toBe("Your order 42 at Green & Leaf");
  expect(due.text).toMatch(/Net €43.58 VAT €8.72 Total €52.30/);
});

test("a shipment's letter names what is in it and its number, and a link only where it is one", async () => {
  const fulfillment = {
    items: [{ line_item_id: "line_1", title: "M", quantity: 1 }],
    labels: [
      { tracking_number: "PX1", tracking_url: "https://post.example/PX1" },
      { tracking_number: "PX2", tracking_url: "javascript:alert(1)" },
    ],
  };
  const rows = { order: ORDER, fulfillment, order_fulfillment: { order_id: "order_1" } };
  const due = await only("shipment.created", { id: "ful_1" }, rows);
  expect(due.key).toBe("shipped:ful_1");
  for (const said of ["1 × Monstera, M", "PX1", "https://post.example/PX1", "PX2"]) expect(due.text).toContain(said);
  expect(due.letter.html).not.toContain("javascript");
  expect(await lettersFor("shipment.created", { id: "ful_1", no_notification: true }, office(rows))).toEqual([]);
});

test("each refund that is news has a letter of its own, with its amount", async () => {
  const now = new Date().toISOString();
  const refunds = [
    { id: "ref_1", amount: amount(5), created_at: now },
    { id: "ref_2", amount: amount(7.5), created_at: now },
    { id: "ref_0", amount: amount(1), created_at: "2020-01-01T00:00:00Z" },
  ];
  const payment = { payment_collection_id: "pc", refunds };
  const rows = { order: ORDER, payment, order_payment_collection: { order_id: "order_1" } };
  const found = await lettersFor("payment.refunded", { id: "pay_1" }, office(rows));
  expect(found.map(({ key }) => key)).toEqual(["refund:ref_1", "refund:ref_2"]);
  expect(blanks(found[1]?.letter.text ?? "")).toContain("7,50 €");
});

test("a cancelled order's letter says so", async () => {
  const due = await only("order.canceled", { id: "order_1" }, { order: ORDER });
  expect(due.letter.subject).toBe("Votre commande 42 est annulée");
});

const tokenUntil = (ms: number) =>
  `h.${Buffer.from(JSON.stringify({ exp: Math.floor(ms / 1000) })).toString("base64url")}.s`;

test("a forgotten password's letter leads a customer to the shop and a keeper to the admin", async () => {
  const token = tokenUntil(Date.now() + 60_000);
  const data = { entity_id: "ana@example.com", actor_type: "customer", token, metadata: { language: "fr" } };
  const customer = await only("auth.password_reset", data, {});
  expect(customer.text).toContain(`https://shop.example/fr/account/password?token=${token}`);
  expect(customer.key).not.toContain(token);
  const keeper = await only("auth.password_reset", { ...data, actor_type: "user" }, {});
  expect(keeper.text).toContain(`https://shop.example/app/reset-password?token=${token}`);
});

test("a link that is over by the time its letter could be sent is not sent", async () => {
  const data = { entity_id: "ana@example.com", actor_type: "customer", token: tokenUntil(Date.now() - 1_000) };
  expect(await lettersFor("auth.password_reset", data, office({}))).toEqual([]);
});

test("an invitation sent once more is another letter; one that was accepted is none", async () => {
  const invite = { email: "b@example.com", token: "t1", accepted: false, expires_at: "2026-03-02T00:00:00Z" };
  const first = await only("invite.created", { id: "invite_1" }, { invite });
  const again = await only("invite.resent", { id: "invite_1" }, { invite: { ...invite, token: "t2" } });
  expect(first.text).toContain("https://shop.example/app/invite?token=t1");
  expect(again.key).not.toBe(first.key);
  const accepted = office({ invite: { ...invite, accepted: true } });
  expect(await lettersFor("invite.resent", { id: "invite_1" }, accepted)).toEqual([]);
});

test("who opened an account is welcomed; the customer that a guest's order makes is not", async () => {
  const customer = { email: "ana@example.com", first_name: "Ana", has_account: true, metadata: { language: "fr" } };
  const due = await only("customer.created", { id: "cus_1" }, { customer });
  expect(due.letter.subject).toBe("Bienvenue chez Green & Leaf");
  const guest = office({ customer: { ...customer, has_account: false } });
  expect(await lettersFor("customer.created", { id: "cus_1" }, guest)).toEqual([]);
});

test.each(EVENTS)("of what has gone meanwhile %s writes nothing", async (event) => {
  expect(await lettersFor(event, { id: "gone" }, office({}))).toEqual([]);
});

test("a title with a line break begins no further header", async () => {
  const broken: Office = {
    ...office({ order: ORDER }),
    sheet: async (language) => ({ shop: "A\r\nBcc: x@y.z", shopUrl: "", language }),
  };
  const [due] = await lettersFor("order.placed", { id: "order_1" }, broken);
  expect(due?.letter.subject).toBe("Votre commande 42 chez A Bcc: x@y.z");
});

test("a return is told when it is asked for and when it is here, with what of it is", async () => {
  const items = [
    { item_id: "line_1", quantity: amount(2), received_quantity: amount(1) },
    { item_id: "line_2", quantity: 1, received_quantity: 0 },
  ];
  const data = { order_id: "order_1", return_id: "return_1" };
  const asked = await only("order.return_requested", data, { order: ORDER, return: { items } });
  expect([asked.key, asked.letter.subject]).toEqual(["return.requested:return_1:3", "Votre retour de la commande 42"]);
  for (const said of ["2 × Monstera, M", "1 × <b>Pot</b>", "https://shop.example/fr/pages/returns"])
    expect(asked.text).toContain(said);
  const here = await only("order.return_received", data, { order: ORDER, return: { items } });
  expect([here.key, here.letter.subject]).toEqual([
    "return.received:return_1:1",
    "Votre retour de la commande 42 est arrivé",
  ]);
  expect([here.text.includes("1 × Monstera, M"), here.text.includes("Pot")]).toEqual([true, false]);
});

import { randomBytes } from "node:crypto";
import { request } from "node:http";
import type { Browser } from "playwright-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { exec } from "../../node-agent/src/base/exec.ts";
import { openBrowser, SHOP, visit } from "./browser.ts";
import { buy } from "./buy.ts";
import { excessWidth, findNameless } from "./in-page.ts";
import { KEEPER, type Keeper, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { lettersTo, letterTo, linkOf, MAILBOX } from "./mailbox.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const PROJECT = process.env.GREENLEAF_SHOP_PROJECT ?? "greenleaf";
const reason = await keeperSkipReason();
const title = (text: string) => (reason === undefined ? text : `${text} (${reason})`);

let browser: Browser;
let keeper: Keeper;
let plant: SoldPlant;
beforeAll(async () => {
  if (reason !== undefined) return;
  browser = await openBrowser();
  keeper = await openKeeper(KEEPER);
  plant = await keeper.addPlant({ stock: 50, price: 12 });
});
afterAll(async () => {
  await browser?.close();
  await plant?.remove().catch(() => undefined);
});

const somebody = (what: string) => `${what}-${randomBytes(4).toString("hex")}@example.com`;
const inFrench = (path: string) => `${path}?language=fr`;

interface Sold {
  readonly items: readonly { readonly id: string }[];
  readonly fulfillments: readonly { readonly id: string }[];
  readonly payment_collections: readonly { readonly payments: readonly { readonly id: string }[] }[];
}
const soldOrder = async (id: string): Promise<Sold> =>
  (
    await keeper.get<{ order: Sold }>(
      `/admin/orders/${id}?fields=id,*items,*fulfillments,payment_collections.payments.id`,
    )
  ).order;

describe.skipIf(reason)(title("an order's letters"), () => {
  test("what was ordered comes once, with net, VAT and gross, and the page says so", async () => {
    const email = somebody("order");
    const { number, page } = await buy(openVisitor(SHOP), plant, { email, quantity: "2" });
    expect(page).toContain(`A confirmation is on its way to ${email}.`);
    const letter = await letterTo(email, /./);
    expect(letter.subject).toBe(`Your order ${number} at GreenLeaf`);
    expect(letter.from).toBe("GreenLeaf <shop@greenleaf.local>");
    for (const said of ["Hello Zoé,", `2 × ${plant.title}, Green`, "1 rue Verte"]) expect(letter.text).toContain(said);
    const [net, vat, gross] = [/Net €([\d.]+)/, /VAT €([\d.]+)/, /Total €([\d.]+)/].map((amount) =>
      Number(amount.exec(letter.text)?.[1]),
    );
    expect(gross).toBeGreaterThan(24);
    expect(Math.round(((net ?? 0) + (vat ?? 0)) * 100)).toBe(Math.round((gross ?? 0) * 100));
    // VAT of France, as the cart says it.
    expect(vat).toBeCloseTo((net ?? 0) * 0.2, 1);
    expect(await lettersTo(email)).toHaveLength(1);
  });

  test("shipped, refunded in part and cancelled are told in the language of the order", async () => {
    const email = somebody("commande");
    const visitor = openVisitor(SHOP);
    const { id, number, page } = await buy(visitor, plant, { email, language: "fr" });
    expect(page).toContain("Une confirmation est en route");
    await letterTo(email, new RegExp(`^Votre commande ${number} chez`));
    const { items, payment_collections } = await soldOrder(id);
    const lines = items.map((item) => ({ id: item.id, quantity: 1 }));
    await keeper.post(`/admin/orders/${id}/fulfillments`, { items: lines });
    const [fulfillment] = (await soldOrder(id)).fulfillments;
    await keeper.post(`/admin/orders/${id}/fulfillments/${fulfillment?.id}/shipments`, {
      items: lines,
      labels: [{ tracking_number: "PX42", tracking_url: "https://post.example/PX42", label_url: "" }],
    });
    const shipped = await letterTo(email, /est en route$/);
    for (const said of [`1 × ${plant.title}`, "PX42", "https://post.example/PX42"])
      expect(shipped.text).toContain(said);
    const payment = payment_collections[0]?.payments[0]?.id;
    await keeper.post(`/admin/payments/${payment}/capture`, {});
    for (const amount of [1, 2.5]) await keeper.post(`/admin/payments/${payment}/refund`, { amount });
    const amounts = async () =>
      (await lettersTo(email))
        .filter(({ subject }) => subject.startsWith("Votre remboursement"))
        .map(({ text }) => Number(/(\d+),\d\d/.exec(text)?.[0]?.replace(",", ".")))
        .toSorted((a, b) => a - b);
    await expect.poll(amounts, { timeout: 60_000 }).toEqual([1, 2.5]);
    const other = await buy(openVisitor(SHOP), plant, { email, language: "fr" });
    await keeper.post(`/admin/orders/${other.id}/cancel`, {});
    await letterTo(email, new RegExp(`^Votre commande ${other.number} est annulée$`));
  });

  test("one that the mail server does not take comes when it does", async () => {
    const container = `${PROJECT}-local-mail-1`;
    const email = somebody("patient");
    await exec(["docker", "stop", "--time", "2", container]);
    try {
      const { page } = await buy(openVisitor(SHOP), plant, { email });
      expect(page).toContain("your order is placed");
    } finally {
      await exec(["docker", "start", container]);
    }
    await letterTo(email, /^Your order/);
    expect(await lettersTo(email)).toHaveLength(1);
  });
});

async function register(visitor: Visitor, email: string, password: string): Promise<void> {
  const fields = { email, password, first_name: "Zoé", last_name: "Petit" };
  expect((await visitor.send(inFrench("/api/account/register"), fields)).text).toContain("Bonjour Zoé");
}

describe.skipIf(reason)(title("a forgotten password"), () => {
  const [old, chosen] = ["the old password", "the new password"];

  test("is chosen anew by a mail's link, once, without scripts; who knew the old one is out", async () => {
    const email = somebody("forgetful");
    const visitor = openVisitor(SHOP);
    await register(visitor, email, old);
    await letterTo(email, /^Bienvenue chez GreenLeaf$/);
    const options = { javaScriptEnabled: false, viewport: { width: 360, height: 700 } };
    await visit(browser, options, async (page, complaints) => {
      await page.goto(`${SHOP}/fr/account`);
      await page.getByRole("link", { name: "Mot de passe oublié ?" }).click();
      await page.getByLabel("Adresse e-mail").fill(email.toUpperCase());
      expect([await page.evaluate(findNameless), await page.evaluate(excessWidth)]).toEqual([[], 0]);
      await page.getByRole("button", { name: "Envoyez-moi un lien" }).click();
      await page.getByText("un e-mail avec un lien est en route").waitFor();
      const link = linkOf(await letterTo(email, /^Un nouveau mot de passe/), "/account/password");
      expect(link).toMatch(/^\/fr\/account\/password\?token=/);
      await page.goto(`${SHOP}${link}`);
      expect([await page.evaluate(findNameless), await page.evaluate(excessWidth)]).toEqual([[], 0]);
      await page.getByLabel("Mot de passe").fill(chosen);
      await page.getByRole("button", { name: "Enregistrer le mot de passe" }).click();
      await page.getByText("Votre nouveau mot de passe est enregistré").waitFor();
      expect(complaints).toEqual([]);
      await page.goto(`${SHOP}${link}`);
      await page.getByLabel("Mot de passe").fill("a third password");
      await page.getByRole("button", { name: "Enregistrer le mot de passe" }).click();
      await page.getByText("Ce lien n'est plus valable").waitFor();
    });
    expect((await visitor.read("/account")).text).toContain("I have an account");
    const logIn = async (password: string) =>
      (await openVisitor(SHOP).send("/api/account/login", { email, password })).path;
    expect([await logIn(old), await logIn(chosen)]).toEqual(["/account?notice=login-wrong", "/account"]);
  });

  test("a short one is refused, and the link is good still", async () => {
    const email = somebody("short");
    await register(openVisitor(SHOP), email, old);
    const visitor = openVisitor(SHOP);
    await visitor.send("/api/account/forgotten", { email });
    const token = new URL(linkOf(await letterTo(email, /^A new password/), "/account/password"), SHOP).searchParams.get(
      "token",
    );
    const choose = (password: string) => visitor.send("/api/account/password", { token: token ?? "", password });
    expect((await choose("seven77")).text).toContain("Choose a password of 8 to 100 characters.");
    expect((await choose(chosen)).path).toBe("/account?notice=password-set");
  });

  test("nobody's address is answered like somebody's, and gets no mail", async () => {
    const [email, nobody] = [somebody("known"), somebody("nobody")];
    await register(openVisitor(SHOP), email, old);
    const answers = await Promise.all(
      [email, nobody].map((each) => openVisitor(SHOP).send("/api/account/forgotten", { email: each })),
    );
    expect(answers.map(({ status, path, text }) => [status, path, text]).at(0)).toEqual(
      answers.map(({ status, path, text }) => [status, path, text]).at(1),
    );
    await letterTo(email, /^A new password/);
    expect(await lettersTo(nobody)).toEqual([]);
  });

  test.each(["", "x", "a.b.c", "<b>.x.y"])("the token %j opens nothing", async (token) => {
    const page = await openVisitor(SHOP).send("/api/account/password", { token, password: chosen });
    expect(page.path).toBe("/account/forgotten?notice=reset-over");
  });

  test("another site's form asks for nothing", async () => {
    const headers = { "sec-fetch-site": "cross-site" };
    const body = new URLSearchParams({ email: somebody("forged") });
    expect((await fetch(`${SHOP}/api/account/forgotten`, { method: "POST", headers, body })).status).toBe(403);
  });
});

describe.skipIf(reason)(title("a keeper's letters"), () => {
  test("an invitation leads to the admin, and once more to another link", async () => {
    const email = somebody("colleague");
    const { invite } = await keeper.post<{ invite: { id: string } }>("/admin/invites", { email });
    const first = linkOf(await letterTo(email, /^You are invited to run GreenLeaf$/), "/app/invite");
    await keeper.post(`/admin/invites/${invite.id}/resend`, {});
    await expect.poll(async () => (await lettersTo(email)).length, { timeout: 60_000 }).toBe(2);
    const [, again] = await lettersTo(email);
    expect(again?.text).not.toContain(first);
  });

  test("a forgotten password of the admin's page comes as a link into the admin", async () => {
    const answer = await fetch(`${SHOP}/auth/user/emailpass/reset-password`, {
      method: "POST",
      headers: { "content-type": "application/json" },
      body: JSON.stringify({ identifier: KEEPER.email }),
    });
    expect(answer.status).toBe(201);
    const letter = await letterTo(KEEPER.email, /^A new password for GreenLeaf$/);
    expect(linkOf(letter, "/app/reset-password")).toContain("token=");
  });
});

/** Status of the mailbox's page for whoever asks for it by a name. */
const statusAs = (host: string) =>
  new Promise<number | undefined>((resolve, reject) => {
    const asked = request(MAILBOX, { headers: { host } }, (answer) => {
      answer.resume();
      resolve(answer.statusCode);
    });
    asked.on("error", reject).end();
  });

describe.skipIf(reason)(title("the mailbox"), () => {
  test("shows every letter, the newest first, and runs nothing that is in one", async () => {
    await visit(browser, {}, async (page, complaints) => {
      const answer = await page.goto(MAILBOX);
      await page.getByRole("heading", { level: 2 }).first().waitFor();
      expect(await page.getByRole("heading", { level: 2 }).count()).toBeGreaterThan(3);
      expect(answer?.headers()["content-security-policy"]).toMatch(/^default-src 'none';.* sandbox/);
      expect(complaints).toEqual([]);
    });
  });

  test("answers to this machine's own names only", async () => {
    expect(await Promise.all(["localhost:1", "127.0.0.1", "evil.example"].map(statusAs))).toEqual([200, 200, 403]);
  });
});

describe.skipIf(reason)(title("asking for links without end"), () => {
  test("is refused after ten in a minute", async () => {
    const visitor = openVisitor(SHOP);
    const email = somebody("flooded");
    const paths: string[] = [];
    for (let times = 0; times < 12; times += 1)
      paths.push((await visitor.send("/api/account/forgotten", { email })).path);
    expect(paths.at(-1)).toBe("/account/forgotten?notice=too-often");
    expect((await visitor.read(paths.at(-1) ?? "")).text).toContain("That was tried too often.");
  });
});

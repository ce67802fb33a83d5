import { execFileSync } from "node:child_process";
import { rmSync, writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SHOP } from "./browser.ts";
import { KEEPER, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { AWAY, askUntil, docker, PROJECT, serviceContainer, signal } from "./take-away.ts";
import { openVisitor, type Visitor } from "./visitor.ts";

const AGENT = process.env.GREENLEAF_SHOP_PORT ? Number(process.env.GREENLEAF_SHOP_PORT) + 3 : 9090;
const reason = await keeperSkipReason();
const title = (text: string) => (reason === undefined ? text : `${text} (${reason})`);

async function api(path: string): Promise<string> {
  const answer = await fetch(`${SHOP}${path}`, { signal: AbortSignal.timeout(90_000) }).catch((error: Error) => error);
  return answer instanceof Error ? answer.message : `${answer.status} ${await answer.text()}`;
}

const metrics = async () => (await fetch(`http://127.0.0.1:${AGENT}/metrics`)).text();

const put = (visitor: Visitor) =>
  visitor.send("/api/cart/items", { variant: plant.variant, quantity: "1", from: plant.handle });

let plant: SoldPlant;
beforeAll(async () => {
  if (reason !== undefined) return;
  const keeper = await openKeeper(KEEPER);
  plant = await keeper.addPlant({ stock: 50, price: 12 });
});
afterAll(() => plant?.remove().catch(() => undefined));

/** A customer with a plant in the cart who has just looked at the shelves. */
async function customer(): Promise<Visitor> {
  const visitor = openVisitor(SHOP);
  expect((await put(visitor)).text).toContain("Added to your cart.");
  expect((await visitor.read(`/plants/${plant.handle}`)).text).toContain(plant.title);
  expect((await visitor.read("/")).status).toBe(200);
  return visitor;
}

/** The shelves stay full; what could not be done is said, and done later by whoever tries again. */
async function expectClosedForAMoment(visitor: Visitor): Promise<void> {
  expect((await visitor.read(`/plants/${plant.handle}`)).text).toContain("€12.00");
  expect((await visitor.read("/")).text).toContain("Snake Plant");
  for (const path of ["/cart", "/checkout"]) {
    const { status, text } = await visitor.read(path);
    expect([path, status, text.includes("The shop is closed for a moment")]).toEqual([path, 503, true]);
  }
  expect((await put(visitor)).path).toContain("notice=try-again");
}

/** Nothing is lost, and all is as before without anybody's help. */
async function expectOpen(visitor: Visitor): Promise<void> {
  const cart = await askUntil(
    () => visitor.read("/cart"),
    ({ status }) => status === 200,
  );
  expect(cart.text).toContain(plant.title);
  const added = await askUntil(
    () => put(visitor),
    ({ text }) => text.includes("Added to your cart."),
  );
  expect(added.text).toContain("Added to your cart.");
}

describe.skipIf(reason)(title("while a server behind the shop is away"), () => {
  test.each([
    ["postgres", "killed"],
    ["postgres", "frozen"],
    ["postgres", "cut off"],
    ["valkey", "killed"],
    ["valkey", "frozen"],
    ["valkey", "cut off"],
  ] as const)("%s %s: plants are shown, orders are refused in words, and it goes on by itself", async (name, how) => {
    const visitor = await customer();
    const [said, dependency] = name === "postgres" ? ["postgresql", "database"] : ["valkey", "cache"];
    const comeBack = AWAY[how](`${PROJECT}-local-${name}-1`);
    try {
      const refusal = await askUntil(
        () => api("/store/regions"),
        (answer) => answer.includes("unavailable"),
      );
      expect(refusal).toMatch(new RegExp(`^503 .*"unavailable".*${said}`));
      await expectClosedForAMoment(visitor);
      const line = `greenleaf_dependency_up{dependency="${dependency}"} 0`;
      expect(await askUntil(metrics, (text) => text.includes(line))).toContain(line);
      // No new node would have it either: the balancer shall replace none.
      expect(await api("/healthz")).toMatch(/^200 /);
    } finally {
      comeBack();
    }
    await expectOpen(visitor);
    const line = `greenleaf_dependency_up{dependency="${dependency}"} 1`;
    expect(await askUntil(metrics, (text) => text.includes(line))).toContain(line);
  });

  test("the backend frozen: plants are shown, and it goes on by itself", async () => {
    const visitor = await customer();
    const backend = serviceContainer("backend");
    signal(backend, "SIGSTOP");
    try {
      const cart = await visitor.read("/cart");
      expect([cart.status, cart.text.includes("The shop is closed for a moment")]).toEqual([503, true]);
      await expectClosedForAMoment(visitor);
    } finally {
      // The agent may have found it and made it anew.
      if (docker("ps", "--quiet", "--filter", `id=${backend}`) !== "") signal(backend, "SIGCONT");
    }
    await expectOpen(visitor);
  });
});

const RUN = `/var/lib/${PROJECT}-local/run/greenleaf`;
/** The agent lets the node be while somebody says that they work on it. */
const MAINTENANCE = `${RUN}/maintenance`;

/** Takes a service of the node away for as long as `look` looks. */
async function without(service: string, how: keyof typeof AWAY, look: () => Promise<void>): Promise<void> {
  const comeBack = AWAY[how](serviceContainer(service));
  try {
    await look();
  } finally {
    comeBack();
  }
}

/** What a browser, or a program, is told at a path; of the answer what somebody who waits can use. */
async function told(path: string, accept: string) {
  const answer = await fetch(`${SHOP}${path}`, { headers: { accept }, signal: AbortSignal.timeout(90_000) });
  const [type] = (answer.headers.get("content-type") ?? "").split(";");
  return { status: answer.status, type, again: answer.headers.get("retry-after"), text: await answer.text() };
}
/** What the load balancer hears: a service away is the node's own fault. */
const balancer = () => told("/healthz", "*/*");
const isAway = ({ status }: { status: number }) => status === 503;
const PAGE = {
  status: 503,
  type: "text/html",
  again: "5",
  text: expect.stringMatching(/The shop is closed for a moment[^]*La boutique est fermée un instant/),
};
const REFUSAL = {
  status: 503,
  type: "application/json",
  again: "5",
  text: expect.stringMatching(/^\{"type":"unavailable","message":"[^"]+"\}$/),
};

describe.skipIf(reason)(title("while a service of the only node is away"), () => {
  beforeAll(async () => {
    expect(await askUntil(balancer, (answer) => !isAway(answer))).toMatchObject({ status: 200 });
    writeFileSync(MAINTENANCE, "tests/shop takes services away\n");
    // A repair of what was taken away before would go on, and bring back what is taken away now.
    execFileSync("flock", ["--timeout", "120", `${RUN}/boot.lock`, "true"]);
  }, 300_000);
  afterAll(() => rmSync(MAINTENANCE, { force: true }));

  const WAYS = ["killed", "frozen", "cut off"] as const;

  test.each(WAYS)("the storefront %s: the front shows a page of its own, and API and admin go on", async (how) => {
    const visitor = await customer();
    await without("storefront", how, async () => {
      expect(await askUntil(() => told("/", "text/html"), isAway)).toEqual(PAGE);
      expect(await told("/cart", "application/json")).toEqual(REFUSAL);
      // It asks for its key.
      expect(await api("/store/regions")).toMatch(/^400 /);
      expect(await told("/app", "text/html")).toMatchObject({ status: 200 });
      // A network cut between two containers is nothing the node sees of itself.
      if (how !== "cut off") expect(await askUntil(balancer, isAway)).toMatchObject({ status: 503 });
    });
    await expectOpen(visitor);
    expect(await askUntil(balancer, (answer) => !isAway(answer))).toMatchObject({ status: 200 });
  });

  test.each(WAYS)("the backend %s: admin and API are refused in their own form, the shelves stay", async (how) => {
    const visitor = await customer();
    await without("backend", how, async () => {
      expect(await askUntil(() => told("/app", "text/html"), isAway)).toEqual(PAGE);
      expect(await told("/store/regions", "application/json")).toEqual(REFUSAL);
      await expectClosedForAMoment(visitor);
    });
    await expectOpen(visitor);
  });
});

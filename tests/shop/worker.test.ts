import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { SHOP } from "./browser.ts";
import { buy } from "./buy.ts";
import { KEEPER, type Keeper, keeperSkipReason, openKeeper, type SoldPlant } from "./keeper.ts";
import { lettersTo, letterTo } from "./mailbox.ts";
import { askUntil, docker, serviceContainer, signal } from "./take-away.ts";
import { openVisitor } from "./visitor.ts";

const NODE = process.env.GREENLEAF_SHOP_NODE_URL ?? "http://127.0.0.1:9090/";
const reason = await keeperSkipReason();
const title = (text: string) => (reason === undefined ? text : `${text} (${reason})`);

let keeper: Keeper;
let plant: SoldPlant;
beforeAll(async () => {
  if (reason !== undefined) return;
  keeper = await openKeeper(KEEPER);
  plant = await keeper.addPlant({ stock: 50, price: 12 });
});
afterAll(() => plant?.remove().catch(() => undefined));

const somebody = (what: string) => `${what}-${randomBytes(4).toString("hex")}@example.com`;
const environmentOf = (container: string) =>
  JSON.parse(docker("inspect", "--format", "{{json .Config.Env}}", container)) as string[];
const namesIn = (container: string) => environmentOf(container).map((line) => line.replace(/=.*/s, ""));

/** What the node says of itself to whoever asks on the machine, with the status that the balancer is given. */
async function health(): Promise<{ code: number; status: string; reason?: string }> {
  const [live, front] = await Promise.all([fetch(new URL("healthz", NODE)), fetch(`${SHOP}/healthz`)]);
  return { code: front.status, ...((await live.json()) as { status: string; reason?: string }) };
}

const isWell = ({ status }: { status: string }) => status === "ok";

/** Exports that are ready, as the admin's bell tells them. */
async function exports(): Promise<number> {
  const { notifications } = await keeper.get<{ notifications: { data: { title?: string } | null }[] }>(
    "/admin/notifications?channel=feed&limit=200&fields=id,data",
  );
  return notifications.filter(({ data }) => data?.title === "Product export").length;
}

describe.skipIf(reason)(title("the worker"), () => {
  test("sends the letters, and is told nothing that it needs for none; the backend cannot log in at the mail server", async () => {
    const email = somebody("worker");
    const { id } = await buy(openVisitor(SHOP), plant, { email });
    await letterTo(email, /^Your order/);
    const [worker, backend] = [serviceContainer("worker"), serviceContainer("backend")];
    const processed = (container: string) => docker("logs", container).includes("Processing order.placed");
    expect(id).toMatch(/^order_/);
    expect([processed(worker), processed(backend)]).toEqual([true, false]);
    const [its, backends] = [namesIn(worker), namesIn(backend)];
    expect(its.filter((name) => /JWT|COOKIE|CORS|ADMIN/.test(name))).toEqual([]);
    expect(backends).toEqual(expect.arrayContaining(["JWT_SECRET", "COOKIE_SECRET", "MAIL_HOST"]));
    expect(backends.filter((name) => /MAIL_(USER|PASSWORD)/.test(name))).toEqual([]);
    expect(docker("port", worker)).toBe("");
  });

  test("frozen, then killed: the shop sells and shows new prices, the node says so, and all that waited is done once", async () => {
    const email = somebody("patient");
    const ready = await exports();
    const worker = serviceContainer("worker");
    signal(worker, "SIGSTOP");
    try {
      expect((await buy(openVisitor(SHOP), plant, { email })).page).toContain("your order is placed");
      await keeper.post("/admin/products/export", {});
      await plant.setPrice(13);
      const page = () => openVisitor(SHOP).read(`/plants/${plant.handle}`);
      expect((await askUntil(page, ({ text }) => text.includes("€13.00"))).text).toContain("€13.00");
      const seen = await askUntil(health, (found) => !isWell(found));
      expect(seen).toEqual({ code: 200, status: "degraded", reason: "worker is unhealthy" });
      expect([await lettersTo(email), await exports()]).toEqual([[], ready]);
    } finally {
      // Whoever is killed is brought back by the agent.
      docker("kill", worker);
    }
    await letterTo(email, /^Your order/);
    expect(await askUntil(exports, (count) => count > ready)).toBe(ready + 1);
    expect((await askUntil(health, isWell)).status).toBe("ok");
    expect(await lettersTo(email)).toHaveLength(1);
  });
});

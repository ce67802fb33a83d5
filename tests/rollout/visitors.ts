import { Agent, request } from "node:http";
import { ADDRESS, type Store } from "../shop/store-order.ts";

/** Customers of a real shop, who come whatever becomes of those before them. */
export interface Visitors {
  /** Failures so far, each in words; a visitor goes home after the first. */
  readonly failures: readonly string[];
  /** How long each answer that was well took, in milliseconds. */
  readonly latencies: readonly number[];
  /** Requests that were sent. */
  sent(): number;
  orders(): number;
  /** Told to come back later by the backend itself, which has too much to do, or nobody behind it: no fault of a rollout. */
  shed(): number;
  /** Lets nobody in any more, and waits for those who are there. */
  stop(): Promise<void>;
}

const PLANTS = ["aloe", "monstera"];
/** Of so many visitors one fills a cart, of so many one buys. */
const FILLS_EVERY = 2;
const BUYS_EVERY = 4;
const PATIENCE_MS = 60_000;

type Json = Readonly<Record<string, unknown>>;
type Ask = (path: string, body?: Json) => Promise<string>;

/** Caddy, who has nobody to ask, says "The shop does not answer". */
const BY_THE_BACKEND = /"overloaded"|The shop's \w+ does not answer/;

class Shed extends Error {}

/** So many a second: each looks at pages, some fill a cart, some buy. Kept-alive connections, no retry. */
export function startVisitors(store: Store, perSecond: number): Visitors {
  const agent = new Agent({ keepAlive: true, maxSockets: 256 });
  const failures: string[] = [];
  const latencies: number[] = [];
  const inside = new Set<Promise<void>>();
  const counts = { sent: 0, orders: 0, shed: 0, came: 0 };
  const ask: Ask = async (path, body) => {
    counts.sent += 1;
    const asked = performance.now();
    const text = await answerOf(store, { agent, path, body });
    latencies.push(performance.now() - asked);
    return text;
  };
  const begin = Date.now();
  const door = setInterval(() => {
    for (; counts.came < ((Date.now() - begin) * perSecond) / 1_000; counts.came += 1) {
      const visit = oneVisit(store, { ask, number: counts.came }).then(
        (hasBought) => void (counts.orders += hasBought ? 1 : 0),
        (error: Error) => {
          if (error instanceof Shed) counts.shed += 1;
          else failures.push(`${new Date().toISOString().slice(11, 19)} ${error.message}`);
        },
      );
      inside.add(visit);
      void visit.finally(() => inside.delete(visit));
    }
  }, 50);
  return {
    failures,
    latencies,
    sent: () => counts.sent,
    orders: () => counts.orders,
    shed: () => counts.shed,
    stop: async () => {
      clearInterval(door);
      await Promise.all(inside);
      agent.destroy();
    },
  };
}

/** True for one who bought. */
async function oneVisit(store: Store, { ask, number }: { ask: Ask; number: number }): Promise<boolean> {
  await ask("/");
  await ask(`/plants/${PLANTS[number % PLANTS.length]}`);
  await ask(`/store/products?limit=12&region_id=${store.region}`);
  if (number % FILLS_EVERY !== 0) return false;
  const items = [{ variant_id: store.variant, quantity: 1 }];
  const cart = await made(ask("/store/carts", { region_id: store.region, items }), "cart");
  await ask(`/store/carts/${cart}`);
  await ask(`/store/carts/${cart}/line-items`, { variant_id: store.variant, quantity: 1 });
  if (number % BUYS_EVERY !== 0) return false;
  await buy(ask, cart);
  return true;
}

async function buy(ask: Ask, cart: string): Promise<void> {
  const customer = { email: "ada@example.com", shipping_address: ADDRESS, billing_address: ADDRESS };
  await ask(`/store/carts/${cart}`, customer);
  const offered = await ask(`/store/shipping-options?cart_id=${cart}`);
  const { shipping_options } = JSON.parse(offered) as { shipping_options: Array<{ id: string }> };
  await ask(`/store/carts/${cart}/shipping-methods`, { option_id: shipping_options[0]?.id });
  const payment = await made(ask("/store/payment-collections", { cart_id: cart }), "payment_collection");
  await ask(`/store/payment-collections/${payment}/payment-sessions`, { provider_id: "pp_system_default" });
  const { type } = JSON.parse(await ask(`/store/carts/${cart}/complete`, {})) as { type: string };
  // Answered with 200 as well: a cart that is not an order.
  if (type !== "order") throw new Error(`the cart was completed into a ${type}`);
}

async function made(asked: Promise<string>, what: string): Promise<string> {
  const answer = JSON.parse(await asked) as Record<string, { id: string }>;
  return answer[what]?.id ?? "none";
}

interface Question {
  readonly agent: Agent;
  readonly path: string;
  readonly body: Json | undefined;
}

function answerOf({ url, headers }: Store, { agent, path, body }: Question): Promise<string> {
  const method = body === undefined ? "GET" : "POST";
  const what = `${method} ${path.replace(/(cart|paycol)_\w+/, "$1_…")}`;
  const more = body === undefined ? {} : { "content-type": "application/json" };
  return new Promise((resolve, reject) => {
    const options = { agent, method, headers: { ...headers, ...more }, timeout: PATIENCE_MS };
    const sending = request(`${url}${path}`, options, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (piece: string) => (text += piece));
      answer.on("error", (error) => reject(new Error(`${what}: ${error.message}`)));
      answer.on("end", () => {
        if (answer.statusCode === 200) return resolve(text);
        const isShed = answer.statusCode === 503 && BY_THE_BACKEND.test(text);
        reject(isShed ? new Shed(what) : new Error(`${what}: ${answer.statusCode} ${text.slice(0, 120)}`));
      });
    });
    sending.on("timeout", () => sending.destroy(new Error(`no answer in ${PATIENCE_MS / 1_000} s`)));
    sending.on("error", (error) => reject(new Error(`${what}: ${error.message}`)));
    sending.end(body === undefined ? undefined : JSON.stringify(body));
  });
}

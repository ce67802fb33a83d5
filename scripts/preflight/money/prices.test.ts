import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { readPriceBook } from "../../cost/price-book.ts";
import { listedPrice, priceQuestion } from "../../cost/price-list.ts";
import { recorded } from "../../fleet/plans.ts";
import { priceFindings } from "./prices.ts";

const { prices: book } = await readPriceBook("scripts/cost/prices.json");
const planned = await recorded("prod", "a test");

/** A product as AWS's price list shows one: at a price, beside reserved capacity at none. */
const product = (usd: number) =>
  JSON.stringify({
    terms: {
      OnDemand: { "SKU.TERM": { priceDimensions: { "SKU.TERM.RATE": { pricePerUnit: { USD: usd.toFixed(10) } } } } },
    },
  });

type Filters = ReadonlyArray<{ readonly Field: string; readonly Value: string }>;
let moved: Readonly<Record<string, readonly number[]>>;
let denied: boolean;
let unknown: string[];

/** Which price of the book a question is about. */
const keyOf = (service: string, filters: Filters) =>
  Object.keys(book).find((key) => {
    const question = priceQuestion(key);
    const wanted = Object.entries({ regionCode: "eu-west-3", ...question?.attributes });
    return question?.service === service && JSON.stringify(wanted) === JSON.stringify(filters.map(pair));
  });
const pair = ({ Field, Value }: Filters[number]) => [Field, Value];

const server = createServer((request, response) => void answer(request, response));
async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { ServiceCode, Filters } = JSON.parse(await text(request)) as { ServiceCode: string; Filters: Filters };
  const key = keyOf(ServiceCode, Filters);
  if (key === undefined) unknown.push(JSON.stringify(Filters));
  if (denied) return void response.writeHead(400).end(JSON.stringify({ __type: "AccessDeniedException" }));
  const asked = moved[key ?? ""] ?? [book[key ?? ""]?.usd ?? 0];
  response.end(JSON.stringify({ PriceList: asked.map(product) }));
}
beforeAll(() => new Promise<void>((done) => server.listen(0, "127.0.0.1", done)));
afterAll(() => void (server.closeAllConnections(), server.close()));
beforeEach(() => {
  [moved, denied, unknown] = [{}, false, []];
});

function look() {
  const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const credentials = { accessKeyId: "AKIA", secretAccessKey: "s" };
  return priceFindings({ region: "eu-west-3", endpoint, credentials }, planned);
}

test("prices that are AWS's of today are well, for the greater part of the bill", async () => {
  const [finding, ...rest] = await look();
  expect([finding, rest, unknown]).toEqual([expect.objectContaining({ subject: "prices", verdict: "ok" }), [], []]);
  const share = Number(/hold for (\d+) %/.exec(finding?.why ?? "")?.[1]);
  expect(share).toBeGreaterThanOrEqual(85);
});

test("one that is dearer is named with what it adds to the bill", async () => {
  const usd = book["rds:db.t4g.small"]?.usd ?? 0;
  moved = { "rds:db.t4g.small": [usd + 0.01] };
  const [finding] = await look();
  expect(finding).toMatchObject({ verdict: "warns", fix: expect.stringContaining("prices.json") });
  expect(finding?.why).toContain(`rds:db.t4g.small ${usd} -> ${usd + 0.01} USD`);
  // Two copies for 730 hours.
  expect(finding?.why).toContain("grows by 14.60 USD a month");
});

test("what is rounded, cheaper, listed twice or not at all is no drift", async () => {
  const of = (key: string) => book[key]?.usd ?? 0;
  moved = {
    "rds:gp3": [of("rds:gp3") * 1.01],
    "ec2:t3.medium": [of("ec2:t3.medium") / 2],
    "ebs:gp3": [1, 2],
    "logs:ingest": [],
  };
  expect((await look()).map(({ verdict }) => verdict)).toEqual(["ok"]);
});

test("a price list that may not be asked is unseen, and so is one that tells nothing", async () => {
  denied = true;
  expect(await look()).toMatchObject([{ verdict: "unseen", why: expect.stringContaining("AccessDenied") }]);
  denied = false;
  moved = Object.fromEntries(Object.keys(book).map((key) => [key, []]));
  expect(await look()).toMatchObject([{ verdict: "unseen" }]);
});

test("a product's one price counts; reserved capacity at nothing does not, and two prices are none", () => {
  expect(listedPrice([product(0.5), product(0)])).toBe(0.5);
  expect(listedPrice([product(0.5), product(0.5)])).toBe(0.5);
  expect(listedPrice([product(0.5), product(0.6)])).toBeUndefined();
  expect(listedPrice([])).toBeUndefined();
  expect(listedPrice(["{}"])).toBeUndefined();
});

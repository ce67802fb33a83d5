import { join } from "node:path";
import { billOf, type Line } from "../../cost/bill.ts";
import { readPriceBook } from "../../cost/price-book.ts";
import { listedPrice, priceQuestion } from "../../cost/price-list.ts";
import { readTraffic } from "../../cost/traffic.ts";
import type { AwsAccount } from "../../fleet/aws.ts";
import type { Planned } from "../../fleet/plans.ts";
import { look, priceList } from "../ask.ts";
import { type Finding, ok, warns } from "../finding.ts";

const COST = join(import.meta.dirname, "../../cost");
/** The book is rounded to four places, and rounded up. */
const NOTICED = 0.02;

/** One price of the environment's bill, and what AWS asks for it now; undefined = it was not told. */
export interface Compared {
  readonly key: string;
  readonly book: number;
  readonly now: number | undefined;
  /** Units a month that the environment takes. */
  readonly quantity: number;
}

/** Prices that moved since the price book was read, as far as the plan's bill names them. */
export async function priceFindings(account: AwsAccount, planned: Planned): Promise<readonly Finding[]> {
  const fact = await look(async () => {
    const [book, traffic] = await Promise.all([
      readPriceBook(join(COST, "prices.json")),
      readTraffic(join(COST, "traffic.json")),
    ]);
    const { lines } = billOf({ ...planned, book, traffic, year: Number(book.read.slice(0, 4)) });
    return { read: book.read, compared: await Promise.all(pricesOf(lines).map((price) => asked(account, price))) };
  });
  if ("unseen" in fact) return [{ subject: "prices", verdict: "unseen", why: fact.unseen }];
  return [pricesFinding(fact.value.read, fact.value.compared)];
}

type Booked = Omit<Compared, "now">;

function pricesOf(lines: readonly Line[]): readonly Booked[] {
  const found = new Map<string, Booked>();
  for (const { price: key, unitUsd: book, quantity } of lines) {
    found.set(key, { key, book, quantity: quantity + (found.get(key)?.quantity ?? 0) });
  }
  return [...found.values()];
}

async function asked(account: AwsAccount, booked: Booked): Promise<Compared> {
  const question = priceQuestion(booked.key);
  if (question === undefined) return { ...booked, now: undefined };
  const attributes = { regionCode: account.region, ...question.attributes };
  const { PriceList } = await priceList(account, "GetProducts", {
    ServiceCode: question.service,
    FormatVersion: "aws_v1",
    MaxResults: 20,
    Filters: Object.entries(attributes).map(([Field, Value]) => ({ Type: "TERM_MATCH", Field, Value })),
  });
  return { ...booked, now: listedPrice((PriceList ?? []) as readonly string[]) };
}

/** Cheaper is no obstacle, and the book rounds up; what is dearer makes the bill of `cost` too low. */
export function pricesFinding(read: string, compared: readonly Compared[]): Finding {
  const told = compared.filter((price): price is Compared & { now: number } => price.now !== undefined);
  const usd = (prices: readonly Compared[]) => prices.reduce((sum, { book, quantity }) => sum + book * quantity, 0);
  const share = Math.round((usd(told) / usd(compared)) * 100);
  if (told.length === 0) {
    return { subject: "prices", verdict: "unseen", why: "AWS's price list told none of the plan's prices" };
  }
  const dearer = told.filter(({ book, now }) => now > book * (1 + NOTICED));
  if (dearer.length === 0) {
    return ok("prices", `those of ${read} hold for ${share} % of the bill; the rest has no single product to ask for`);
  }
  const more = dearer.reduce((sum, { book, now, quantity }) => sum + (now - book) * quantity, 0);
  const moved = dearer.map(({ key, book, now }) => `${key} ${book} -> ${now} USD`).join(", ");
  const why = `dearer than on ${read}: ${moved}; this environment's bill grows by ${more.toFixed(2)} USD a month`;
  return warns("prices", why, "correct scripts/cost/prices.json and its date, then look at ./greenleaf cost all");
}

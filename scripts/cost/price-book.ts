import { readFile } from "node:fs/promises";
import { z } from "zod";
import { ConfigurationError } from "../../node-agent/src/base/errors.ts";

const DAY_MS = 86_400_000;
/** AWS moves prices a few times a year; older figures are not to be trusted unseen. */
const STALE_DAYS = 180;

const schema = z.strictObject({
  region: z.string(),
  currency: z.literal("USD"),
  read: z.iso.date(),
  sources: z.record(z.string(), z.string().min(20)),
  prices: z.record(z.string(), z.strictObject({ usd: z.number().positive(), per: z.string(), source: z.string() })),
});

/** Prices with their sources; `read` is the day they were looked up. */
export type PriceBook = z.infer<typeof schema>;
export type Price = PriceBook["prices"][string];

export async function readPriceBook(path: string): Promise<PriceBook> {
  const parsed = schema.safeParse(JSON.parse(await readFile(path, "utf8")));
  if (!parsed.success) {
    throw new ConfigurationError(`cost: ${path} is not a price file`, {
      code: "cost.prices",
      why: "its shape is wrong:",
      fix: "compare it with docs/cost.md",
      problems: parsed.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`),
    });
  }
  const unsourced = Object.entries(parsed.data.prices).filter(([, { source }]) => !(source in parsed.data.sources));
  if (unsourced.length > 0) {
    throw new ConfigurationError(`cost: ${path} has prices without a source`, {
      code: "cost.prices",
      why: "a price nobody can check proves nothing:",
      fix: "name one of the file's sources, or add one",
      problems: unsourced.map(([key, { source }]) => `${key}: source ${source}`),
    });
  }
  return parsed.data;
}

/** The price of one item; an unknown one is an error that says which resource asks, never zero. */
export function priceOf(book: PriceBook, key: string, address: string): Price {
  const price = book.prices[key];
  if (price) return price;
  throw new ConfigurationError(`cost: there is no price for ${key}`, {
    code: "cost.unpriced",
    why: `${address} needs it`,
    fix: "add it with its source to scripts/cost/prices.json, or choose a type that is there",
  });
}

/** A warning where the prices are too old at `asOf`; an error when `strict`. */
export function staleness(book: PriceBook, asOf: Date, strict: boolean): string | undefined {
  const days = Math.floor((asOf.getTime() - Date.parse(book.read)) / DAY_MS);
  if (days <= STALE_DAYS) return undefined;
  const text = `the prices were read on ${book.read}, ${days} days before ${asOf.toISOString().slice(0, 10)}`;
  if (!strict) return text;
  throw new ConfigurationError("cost: the prices are too old", {
    code: "cost.stale",
    why: `${text}; at most ${STALE_DAYS} are allowed with --strict-prices`,
    fix: "look the sources in scripts/cost/prices.json up again and set its `read`",
  });
}

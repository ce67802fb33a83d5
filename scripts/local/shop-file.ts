import { readFile } from "node:fs/promises";
import { UsageError } from "../../node-agent/src/base/errors.ts";

/** What a shop is told about itself, as Terraform's variable `shop`: the same file serves both. */
const CHECKS: Readonly<Record<string, (value: unknown) => string | undefined>> = {
  title: (value) => (isText(value, /^\P{Cc}{1,80}$/u) ? undefined : "title is no text of 1 to 80 characters"),
  currency: (value) => (isText(value, /^[a-z]{3}$/) ? undefined : "currency is no three-letter code in small letters"),
  country: (value) => (isCountry(value) ? undefined : "country is no two-letter code in small letters"),
  countries: (value) =>
    Array.isArray(value) && value.length > 0 && value.every(isCountry)
      ? undefined
      : "countries is no list of two-letter codes",
  theme: (value) => (isText(value, /^[^]{1,4000}$/) ? undefined : "theme is no CSS of at most 4000 characters"),
  tax_rate: (value) =>
    typeof value === "number" && value >= 0 && value <= 100 ? undefined : "tax_rate is no percentage",
};

const isText = (value: unknown, pattern: RegExp): boolean => typeof value === "string" && pattern.test(value);
const isCountry = (value: unknown): boolean => isText(value, /^[a-z]{2}$/);

/** The parameters that a file of one's own gives the shop; every problem of it is told at once. */
export async function readShopFile(path: string): Promise<Readonly<Record<string, string>>> {
  const text = await readFile(path, "utf8").catch(() => undefined);
  const parsed = text === undefined ? { problems: ["there is no such file"] } : shopParameters(text);
  if ("parameters" in parsed) return parsed.parameters;
  throw new UsageError(`--shop ${path} says nothing that a shop can be told`, {
    code: "usage.shop",
    why: parsed.problems.join("; "),
    fix: "see docs/your-shop.md, Name, country, money, tax",
  });
}

type Parsed = { readonly parameters: Readonly<Record<string, string>> } | { readonly problems: readonly string[] };

export function shopParameters(text: string): Parsed {
  const shop = shopIn(text);
  if (shop === undefined) return { problems: ['it is no JSON of the form { "shop": { "title": ... } }'] };
  const problems = Object.entries(shop).flatMap(([name, value]) => {
    const check = Object.hasOwn(CHECKS, name) ? CHECKS[name] : undefined;
    return (check ? check(value) : `${name} is unknown`) ?? [];
  });
  const { country, countries } = shop;
  if (Array.isArray(countries) && country !== undefined && !countries.includes(country)) {
    problems.push("country is none of countries");
  }
  if (problems.length > 0) return { problems };
  return {
    parameters: Object.fromEntries(Object.entries(shop).map(([name, value]) => [`shop/${name}`, told(name, value)])),
  };
}

/** As Terraform writes it: CSS in one line, for a file of variables has no others; a title as it is. */
const told = (name: string, value: unknown): string =>
  name === "theme" ? `${value}`.replaceAll(/\s+/g, " ").trim() : `${value}`;

function shopIn(text: string): Readonly<Record<string, unknown>> | undefined {
  try {
    const { shop } = JSON.parse(text) as { shop?: unknown };
    return typeof shop === "object" && shop !== null ? { ...shop } : undefined;
  } catch {
    return undefined;
  }
}

/** What the storefront reads from its environment, at start and never at build. */
export interface Settings {
  /** Where this server reaches the backend, without a trailing slash. */
  readonly backendUrl: string;
  readonly publishableKey: string;
  /** Where a browser reads pictures, without a trailing slash. */
  readonly mediaUrl: string;
  readonly shopTitle: string;
  /** ISO 3166 two-letter code, lower case: the country whose region and taxes a new visitor sees. */
  readonly shopCountry: string;
  /** The address the shop is known under, without a trailing slash. */
  readonly shopUrl: string;
  /** CSS of the keeper's own, after the shop's; empty where there is none. */
  readonly theme: string;
  /** The backend has a mail server: only then a page may say that a mail comes. */
  readonly sendsMail: boolean;
}

type Environment = Readonly<Record<string, string | undefined>>;
type Check = (value: string) => string | undefined;

interface Variable {
  readonly name: string;
  readonly check: Check;
  /** May be empty or left out. */
  readonly isOptional?: true;
}

const VARIABLES: Readonly<Record<Exclude<keyof Settings, "sendsMail">, Variable>> = {
  backendUrl: { name: "BACKEND_URL", check: httpUrl },
  publishableKey: {
    name: "PUBLISHABLE_KEY",
    check: matches(/^pk_[A-Za-z0-9]{8,}$/, "is not a publishable key (pk_…)"),
  },
  mediaUrl: { name: "MEDIA_URL", check: httpUrl },
  shopTitle: {
    name: "SHOP_TITLE",
    check: matches(/^\P{Cc}{1,80}$/u, "is not a title of 1 to 80 printable characters"),
  },
  shopCountry: {
    name: "SHOP_COUNTRY",
    check: matches(/^[a-z]{2}$/, "is not a two-letter country code in lower case"),
  },
  shopUrl: { name: "SHOP_URL", check: httpUrl },
  theme: { name: "SHOP_THEME", check: themeFlaw, isOptional: true },
};

/** Reads the environment; gives every problem at once, by name only: values may be secrets. */
export function parseSettings(environment: Environment): { settings: Settings } | { problems: readonly string[] } {
  const problems: string[] = [];
  const read = (key: keyof typeof VARIABLES) => {
    const { name, check, isOptional = false } = VARIABLES[key];
    const value = environment[name]?.trim() ?? "";
    if (value === "" && isOptional) return value;
    const problem = value === "" ? "is missing" : check(value);
    if (problem !== undefined) problems.push(`${name} ${problem}`);
    return value;
  };
  const settings: Settings = {
    backendUrl: withoutSlash(read("backendUrl")),
    publishableKey: read("publishableKey"),
    mediaUrl: withoutSlash(read("mediaUrl")),
    shopTitle: read("shopTitle"),
    shopCountry: read("shopCountry"),
    shopUrl: withoutSlash(read("shopUrl")),
    theme: read("theme"),
    sendsMail: (environment["MAIL_HOST"]?.trim() ?? "") !== "",
  };
  return problems.length === 0 ? { settings } : { problems };
}

let current: Settings | undefined;

/** The settings of this process; its entry has checked them before the first request. */
export function settings(): Settings {
  if (current === undefined) {
    const parsed = parseSettings(process.env);
    if ("problems" in parsed) throw new Error(`the environment is not valid: ${parsed.problems.join(", ")}`);
    current = parsed.settings;
  }
  return current;
}

/** A rule that is not closed would take the ones after it with it; what a rule says is the keeper's own affair. */
function themeFlaw(css: string): string | undefined {
  if (css.length > 4_000) return "has more than 4000 characters";
  if (/\p{Cc}/u.test(css)) return "is not one line";
  let depth = 0;
  for (const mark of css.replace(/"[^"]*"|'[^']*'/g, "").match(/[{}]/g) ?? []) {
    depth += mark === "{" ? 1 : -1;
    if (depth < 0) break;
  }
  return depth === 0 ? undefined : "has braces that do not match";
}

function httpUrl(value: string): string | undefined {
  const url = URL.parse(value);
  if (url === null || !/^https?:$/.test(url.protocol)) return "is not an http or https URL";
  if (url.search !== "" || url.hash !== "") return "has a query or a fragment";
  return undefined;
}

function matches(pattern: RegExp, problem: string): Check {
  return (value) => (pattern.test(value) ? undefined : problem);
}

function withoutSlash(value: string): string {
  return value.replace(/\/+$/, "");
}

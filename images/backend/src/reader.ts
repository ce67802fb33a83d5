import { X509Certificate } from "node:crypto";

/** One thing wrong with one variable. Neither part may hold the variable's value. */
export type Problem = { key: string; what: string };

/** Reads variables one by one and remembers what was wrong with each. */
export class Reader {
  readonly problems: Problem[] = [];
  private readonly env: NodeJS.ProcessEnv;

  constructor(env: NodeJS.ProcessEnv) {
    this.env = env;
  }

  problem(key: string, what: string): void {
    this.problems.push({ key, what });
  }

  /** An empty variable counts as a missing one, as in every `.env` file of the platform. */
  optional(key: string): string | undefined {
    return this.env[key]?.trim() ? this.env[key] : undefined;
  }

  required(key: string): string {
    const value = this.optional(key);
    if (value === undefined) this.problem(key, "is missing");
    return value ?? "";
  }

  /** At least `length` characters. */
  atLeast(key: string, length: number): string {
    const value = this.required(key);
    if (value !== "" && value.length < length) this.problem(key, `must have ${length} characters or more`);
    return value;
  }

  matching(key: string, pattern: RegExp, what: string): string {
    const value = this.required(key);
    if (value !== "" && !pattern.test(value)) this.problem(key, what);
    return value;
  }

  /** One of `choices`, the first when nothing is said. */
  oneOf<Choice extends string>(key: string, choices: readonly [Choice, ...Choice[]]): Choice {
    const value = this.optional(key) ?? choices[0];
    const choice = choices.find((name) => name === value);
    if (choice === undefined) this.problem(key, `must be one of ${choices.join(", ")}`);
    return choice ?? choices[0];
  }

  /** A URL with a host and one of the `protocols` (each with its colon). */
  url(key: string, protocols: readonly string[]): URL | undefined {
    const value = this.required(key);
    if (value === "") return undefined;
    const url = URL.canParse(value) ? new URL(value) : undefined;
    const wanted = protocols.map((name) => `${name}//`).join(" or ");
    if (!url || url.hostname === "") this.problem(key, `is not a URL of the form ${wanted}host`);
    else if (!protocols.includes(url.protocol))
      this.problem(key, `must begin with ${wanted}; anything else is refused`);
    else return url;
    return undefined;
  }

  /** PEM certificates; undefined when there are none. */
  certificates(key: string): string | undefined {
    const pem = this.optional(key);
    if (pem === undefined) return undefined;
    const blocks = pem.match(/-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g) ?? [];
    if (blocks.length === 0 || !blocks.every(isCertificate)) this.problem(key, "must hold PEM certificates");
    return pem;
  }

  /** Origins (scheme, host and port, nothing behind) with commas between; none when one of them is wrong. */
  origins(key: string): string[] {
    const origins = this.required(key)
      .split(",")
      .map((origin) => origin.trim())
      .filter((origin) => origin !== "");
    if (origins.every(isOrigin)) return origins;
    this.problem(key, "must be origins with commas between, such as https://shop.example");
    return [];
  }
}

function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text;
}

function isCertificate(pem: string): boolean {
  try {
    return new X509Certificate(pem).subject !== undefined;
  } catch {
    // The parser's reason would quote the value; "must hold PEM certificates" is all that may be said.
    return false;
  }
}

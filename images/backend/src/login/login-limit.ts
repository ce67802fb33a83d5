import { createHash } from "node:crypto";
import type { Counter, Keys } from "./attempts.ts";

/** One try of a password, or of anything else that says whether it was right. `kind` keeps their counts apart. */
export type Attempt = { kind: "login" | "reset"; address: string; account: string | undefined };

export type Begun =
  | { isRefused: true; retryAfterMs: number }
  | { isRefused: false; settle: (isWrong: boolean) => Promise<void> };

type Options = { sleep: (ms: number) => Promise<unknown>; tries: number };

const PAUSE_MS = 100;

/**
 * Counts for all nodes in Valkey and, always, in this process: with Valkey away the process's own count goes on where it
 * was, so that a silent Valkey opens nothing (docs/decisions/0812).
 */
export class LoginLimit {
  private readonly own: Counter;
  private readonly fleet: Counter;
  private readonly options: Options;

  constructor(counters: { own: Counter; fleet: Counter }, options: Options) {
    this.own = counters.own;
    this.fleet = counters.fleet;
    this.options = options;
  }

  async begin(attempt: Attempt): Promise<Begun> {
    const keys = keysOf(attempt);
    for (let left = this.options.tries; left > 0; left -= 1) {
      const begun = await this.tryOnce(keys);
      if (begun) return begun;
      await this.options.sleep(PAUSE_MS);
    }
    return { isRefused: true, retryAfterMs: 1_000 };
  }

  private async tryOnce(keys: Keys): Promise<Begun | undefined> {
    const own = await this.own.reserve(keys);
    if (own.state === "wait") return undefined;
    if (own.state === "refused") return { isRefused: true, retryAfterMs: own.retryAfterMs };
    const fleet = await this.fleet.reserve(keys).catch(() => undefined);
    if (fleet === undefined) return { isRefused: false, settle: (isWrong) => this.own.settle(keys, isWrong) };
    if (fleet.state === "go") return { isRefused: false, settle: (isWrong) => this.settle(keys, isWrong) };
    await this.own.settle(keys, false);
    return fleet.state === "refused" ? { isRefused: true, retryAfterMs: fleet.retryAfterMs } : undefined;
  }

  private async settle(keys: Keys, isWrong: boolean): Promise<void> {
    await this.own.settle(keys, isWrong);
    // A count that Valkey missed stands in this process.
    await this.fleet.settle(keys, isWrong).catch(() => undefined);
  }
}

/** Keys of one length, without an address or a name of a person in them. An account has one password for all actors. */
function keysOf({ kind, address, account }: Attempt): Keys {
  const key = (...parts: string[]) =>
    `greenleaf:${kind}:${createHash("sha256").update(parts.join("\n")).digest("base64url").slice(0, 27)}`;
  if (account === undefined) return [key("address", address)];
  const name = account.normalize("NFKC").trim().toLowerCase();
  return [key("address", address), key("account", name), key("both", address, name)];
}

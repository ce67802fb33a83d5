/** Where logouts are kept for all nodes. Rejects when it does not answer. */
export interface LogoutStore {
  mget(...keys: string[]): Promise<(string | null)[]>;
  set(key: string, value: string, unit: "EX", seconds: number): Promise<unknown>;
}

/** The parts of a token that matter: whom it stands for, and the second it was made in. */
export type Claims = { auth_identity_id?: unknown; actor_id?: unknown; iat?: unknown };

type Clock = { now: () => number; sleep: (ms: number) => Promise<unknown> };

/** A token lives a day, and a session made of it at its end ten hours more. */
const KEPT_SECONDS = 36 * 3_600;
/** What this process remembers itself, for the time that Valkey is away. */
const MOST = 10_000;
/** A question takes a second at most, so all of them end within what a request may take. */
const TRIES = 5;
const PAUSE_MS = 500;

/**
 * Tokens and sessions made before somebody logged out, changed the password or was removed are dead. A token says its
 * second only, so a logout is over when that second is: what is made afterwards is always younger.
 */
export class Logouts {
  private readonly store: LogoutStore;
  private readonly clock: Clock;
  private readonly own = new Map<string, number>();

  constructor(store: LogoutStore, clock: Clock) {
    this.store = store;
    this.clock = clock;
  }

  /** Kept for all nodes when it resolves; rejects when Valkey took it in none of its tries. */
  async end(id: string): Promise<void> {
    const second = Math.floor(this.clock.now() / 1_000);
    this.remember(id, second);
    await this.keep(id, second);
    await this.clock.sleep((second + 1) * 1_000 - this.clock.now());
  }

  /** Asked again when Valkey is slow for a moment: the password that goes with this logout may be changed already. */
  private async keep(id: string, second: number, left = TRIES): Promise<void> {
    try {
      await this.store.set(keyOf(id), String(second), "EX", KEPT_SECONDS);
    } catch (error) {
      if (left <= 1) throw error;
      await this.clock.sleep(PAUSE_MS);
      await this.keep(id, second, left - 1);
    }
  }

  /** "unknown" when neither this process nor Valkey can tell. */
  async isEnded(claims: Claims): Promise<boolean | "unknown"> {
    const ids = [claims.auth_identity_id, claims.actor_id].filter(
      (id) => typeof id === "string" && id !== "",
    ) as string[];
    if (ids.length === 0) return false;
    const made = Number(claims.iat);
    const isBefore = (second: number | undefined) => second !== undefined && !(made > second);
    if (ids.some((id) => isBefore(this.own.get(id)))) return true;
    try {
      const seconds = await this.store.mget(...ids.map(keyOf));
      return seconds.some((second) => second !== null && isBefore(Number(second)));
    } catch {
      return "unknown";
    }
  }

  private remember(id: string, second: number): void {
    this.own.delete(id);
    const [oldest] = this.own.size >= MOST ? this.own.keys() : [];
    if (oldest !== undefined) this.own.delete(oldest);
    this.own.set(id, second);
  }
}

const keyOf = (id: string): string => `greenleaf:logout:${id}`;

/** What a bearer token says of itself. Nothing is verified here: Medusa does that, and refuses what is not its own. */
export function bearerClaims(authorization: string | undefined): Claims | undefined {
  const [, payload] = /^\s*bearer\s+[^.\s]+\.([^.\s]+)\.[^.\s]*\s*$/i.exec(authorization ?? "") ?? [];
  if (payload === undefined) return undefined;
  try {
    const claims: unknown = JSON.parse(Buffer.from(payload, "base64url").toString("utf8"));
    return typeof claims === "object" && claims !== null ? claims : undefined;
  } catch {
    // No token of ours; Medusa says so.
    return undefined;
  }
}

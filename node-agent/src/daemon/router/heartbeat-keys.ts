import { randomUUID } from "node:crypto";
import { AgentError, TemporaryError } from "../../base/errors.ts";
import type { Files } from "../../base/files.ts";
import { HEARTBEAT_KEYS_PATH } from "../../base/paths.ts";
import type { Clock } from "../../base/wait.ts";
import { KEYS_RECORD, keysOf, recordedKeys } from "../../core/router/failover/heartbeat-keys.ts";
import type { LeaseStore } from "../../core/router/failover/lease.ts";

/** A new key is known to both routers after so long. */
const REFRESH_MS = 600_000;
const AGAIN_MS = 1_000;
const AGAIN_MAX_MS = 30_000;
/** Between two looks that an unknown signature asks for: anybody can send those. */
const UNKNOWN_MS = 10_000;

interface HeartbeatKeysParts {
  readonly files: Files;
  readonly clock: Clock;
  readonly store: LeaseStore;
  readonly newKey: () => string;
}

/** The keys that sign heartbeats, from the lease table; in /run they outlive this process, but not the machine. */
export class HeartbeatKeys {
  readonly #parts: HeartbeatKeysParts;
  #keys: readonly string[] = [];
  #dueAt = Number.NEGATIVE_INFINITY;
  #askedAt = Number.NEGATIVE_INFINITY;
  #failures = 0;
  /** Why the last look failed; undefined after a good one. */
  why: string | undefined = "not asked for yet";

  constructor(parts: HeartbeatKeysParts) {
    this.#parts = parts;
  }

  get all(): readonly string[] {
    return this.#keys;
  }

  get areKnown(): boolean {
    return this.#keys.length > 0;
  }

  /** Those that an earlier process of this machine had. */
  async load(): Promise<void> {
    const text = await this.#parts.files.read(HEARTBEAT_KEYS_PATH).catch(refusedOnly);
    this.#keys = keysOf(text === undefined ? undefined : { holder: text.trim() }) ?? [];
  }

  /** Called every second: asks the store when that is due, and soon where a signature is of no key known here. */
  async keep(isKeyUnknown: boolean): Promise<void> {
    const now = this.#parts.clock.now();
    const isAsked = isKeyUnknown && now - this.#askedAt >= UNKNOWN_MS;
    if (now < this.#dueAt && !isAsked) return;
    this.#askedAt = now;
    try {
      await this.#fetch();
      this.#failures = 0;
      this.why = undefined;
      this.#dueAt = now + REFRESH_MS;
    } catch (error) {
      if (!(error instanceof AgentError)) throw error;
      this.why = `${error.message}: ${error.why}`;
      this.#dueAt = now + Math.min(AGAIN_MS * 2 ** this.#failures, AGAIN_MAX_MS);
      this.#failures += 1;
    }
  }

  async #fetch(): Promise<void> {
    const { store, files, newKey } = this.#parts;
    const record = await store.read(KEYS_RECORD);
    const found = keysOf(record);
    // The first router of an environment draws the key; one whose table was lost puts back what both have.
    const keys = found ?? (this.areKnown ? this.#keys : [newKey()]);
    const next = { holder: recordedKeys(keys), version: randomUUID() };
    if (found === undefined && !(await store.write(KEYS_RECORD, next, record))) throw drawnElsewhere();
    this.#keys = keys;
    await files.write(HEARTBEAT_KEYS_PATH, `${recordedKeys(keys)}\n`);
  }
}

function drawnElsewhere(): TemporaryError {
  return new TemporaryError("the heartbeats' key is not known yet", {
    code: "nat.key-rotated",
    why: "the other router wrote one at the same moment",
    fix: "nothing: it is read within seconds",
  });
}

function refusedOnly(error: unknown): undefined {
  if (!(error instanceof AgentError)) throw error;
}

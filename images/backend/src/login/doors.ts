import { setTimeout as sleep } from "node:timers/promises";
import { Redis } from "ioredis";
import type { Server } from "../environment.ts";
import { redisTls } from "../tls.ts";
import { type Limits, ProcessCounter } from "./attempts.ts";
import { LoginLimit } from "./login-limit.ts";
import { Logouts } from "./logouts.ts";
import { ValkeyCounter } from "./valkey-counter.ts";

export type Doors = { limit: LoginLimit; logouts: Logouts };

const LIMITS: Limits = { wrong: 10, windowMs: 60_000 };
const ANSWER_MS = 1_000;

let open: Doors | undefined;

/** Opened once in a process, before Medusa listens: Medusa loads middlewares and providers by file, not by argument. */
export function openDoors(redis: Server): void {
  const valkey = new Redis(redis.url, {
    tls: redisTls(redis),
    connectionName: "greenleaf-login",
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: ANSWER_MS,
    commandTimeout: ANSWER_MS,
    retryStrategy: () => 200,
  });
  // Each question reports what is wrong; an error event without a listener would end the process.
  valkey.on("error", () => undefined);
  const counters = { own: new ProcessCounter(LIMITS, Date.now), fleet: new ValkeyCounter(valkey, LIMITS) };
  open = {
    limit: new LoginLimit(counters, { sleep, tries: 100 }),
    logouts: new Logouts(valkey, { now: Date.now, sleep }),
  };
}

/** Undefined in a job that serves nobody. */
export const doors = (): Doors | undefined => open;

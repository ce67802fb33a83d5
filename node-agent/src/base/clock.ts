import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../core/retry.ts";

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: (ms) => sleep(ms),
};

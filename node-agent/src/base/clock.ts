import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "./wait.ts";

export const systemClock: Clock = {
  now: () => performance.now(),
  date: () => new Date(),
  sleep: (ms) => sleep(ms),
  alarm: (ms, ring) => {
    const timer = setTimeout(ring, Math.max(0, ms));
    return () => clearTimeout(timer);
  },
};

import type { Condition } from "../core/compose/stack.ts";
import type { InspectedContainer } from "../core/engine.ts";
import { Hopeless, reached } from "../core/health.ts";
import { done, until } from "../core/retry.ts";
import { TemporaryError, UnhealthyError } from "../errors.ts";
import type { World } from "../world.ts";

const PROBE_EVERY_MS = 100;
/** A service just started is left alone for a moment; then a check costs it less than the wait costs the others. */
const EARLY_AFTER_MS = 150;
const EARLY_EVERY_MS = 500;
const EARLY_WITHIN_MS = 3_000;
const LAST_LINES = 20;

export interface Watched {
  readonly service: string;
  readonly container: string;
  readonly condition: Condition | "settled";
}

/** Waits for containers to come as far as something needs them. */
export interface HealthWatch {
  /** Throws UnhealthyError as soon as one of them cannot, or when the time is over. */
  reach(watched: readonly Watched[]): Promise<void>;
}

export interface WatchOptions {
  /** Milliseconds for one container to come as far as it is waited for. */
  readonly withinMs: number;
  /** Takes secrets out of what containers printed. */
  readonly redact: (text: string) => string;
}

export function healthWatch(world: World, options: WatchOptions): HealthWatch {
  return {
    reach: async (watched) => {
      const outcomes = await Promise.allSettled(watched.map((one) => reachOne(world, one, options)));
      const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
      const missed = errors.filter((error) => error instanceof Missed);
      if (errors.length > missed.length) throw errors.find((error) => !(error instanceof Missed));
      if (missed.length > 0) throw await unhealthy(world, missed, options);
    },
  };
}

class Missed extends Error {
  readonly watched: Watched;

  constructor(watched: Watched, because: string) {
    super(because);
    this.watched = watched;
  }
}

async function reachOne(world: World, watched: Watched, { withinMs }: WatchOptions): Promise<void> {
  const { clock, engine } = world;
  const wait = { what: `service ${watched.service}`, withinMs, everyMs: PROBE_EVERY_MS, fix: "" };
  const early = earlyProbe(world, watched);
  let before: number | undefined;
  let last = "nothing is known of it";
  const expired = (error: unknown) =>
    error instanceof TemporaryError && error.fix === "" ? new Missed(watched, last) : error;
  const outcome = await until(clock, wait, async () => {
    const container = await engine.inspect(watched.container);
    before ??= container?.restarts ?? 0;
    const answer = reached(container, watched.condition, before);
    if (answer.done) return answer;
    last = `${answer.because} after ${withinMs / 1000} s`;
    return container !== undefined && (await early(container)) ? done(true as const) : answer;
  }).catch((error: unknown) => {
    throw expired(error);
  });
  if (outcome instanceof Hopeless) throw new Missed(watched, outcome.because);
}

/**
 * Asks a starting container itself whether it is healthy yet, by the very command the engine runs: the engine's first
 * check comes only after a whole interval (start_interval needs Docker 25), and what waits for this service need not.
 */
function earlyProbe({ clock, engine }: World, watched: Watched): (container: InspectedContainer) => Promise<boolean> {
  let next = clock.now() + EARLY_AFTER_MS;
  return async ({ state, health, healthTest }) => {
    const isDue = watched.condition === "service_healthy" && clock.now() >= next;
    if (!isDue || state !== "running" || health !== "starting" || healthTest === undefined) return false;
    const isHealthy = (await engine.exec(watched.container, healthTest, EARLY_WITHIN_MS)) === 0;
    next = clock.now() + EARLY_EVERY_MS;
    return isHealthy;
  };
}

async function unhealthy(world: World, missed: readonly Missed[], { redact }: WatchOptions): Promise<UnhealthyError> {
  const problems = await Promise.all(
    missed.map(async ({ watched, message }) => {
      const lines = redact(await world.engine.logs(watched.container, LAST_LINES))
        .trimEnd()
        .split("\n");
      const shown = lines.length === 1 && lines[0] === "" ? ["(it printed nothing)"] : lines;
      return [`${watched.service}: ${redact(message)}; its last lines:`, ...shown.map((line) => `  | ${line}`)];
    }),
  );
  const names = missed.map(({ watched }) => watched.service);
  return new UnhealthyError(`stack: ${names.join(", ")} ${names.length === 1 ? "is" : "are"} not healthy`, {
    why: "each with its state and its last lines:",
    fix: `docker compose logs ${names[0] ?? ""} shows more; correct the cause, then boot again`,
    problems: problems.flat(),
  });
}

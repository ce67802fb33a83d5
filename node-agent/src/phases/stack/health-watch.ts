import { TemporaryError, UnhealthyError } from "../../base/errors.ts";
import { done, pending, until } from "../../base/wait.ts";
import type { Redact } from "../../core/config/redact.ts";
import type { Condition } from "../../core/stack/compose/stack.ts";
import type { InspectedContainer } from "../../core/stack/engine.ts";
import { reached, said, WaitFailed } from "../../core/stack/health.ts";
import type { World } from "../../world.ts";

const PROBE_EVERY_MS = 100;
/** A service just started is left alone for a moment; then a check costs it less than the wait costs the others. */
const EARLY_AFTER_MS = 150;
const EARLY_EVERY_MS = 500;
const EARLY_WITHIN_MS = 3_000;
const LAST_LINES = 20;
const HOLD_EVERY_MS = 250;
/** A busy engine may be so late with its word: that is no fault of the container it is asked about. */
const HOLD_LATE_MS = 30_000;

export interface Watched {
  readonly service: string;
  readonly container: string;
  readonly condition: Condition | "settled";
}

/** Waits for containers to come as far as something needs them. */
export interface HealthWatch {
  /** Throws UnhealthyError as soon as one of them cannot, or when the time is over. */
  reach(watched: readonly Watched[]): Promise<void>;
  /** Throws UnhealthyError as soon as a container does not stay well, within this time. */
  hold(watched: Pick<Watched, "service" | "container">, forMs: number): Promise<void>;
}

export interface WatchOptions {
  /** Milliseconds for one container to come as far as it is waited for. */
  readonly withinMs: number;
  /** Takes secrets out of what containers printed. */
  readonly redact: Redact;
}

export function healthWatch(world: World, options: WatchOptions): HealthWatch {
  return {
    reach: async (watched) => {
      const outcomes = await Promise.allSettled(watched.map((one) => reachOne(world, one, options)));
      const errors = outcomes.flatMap((outcome) => (outcome.status === "rejected" ? [outcome.reason as unknown] : []));
      const missed = errors.filter((error) => error instanceof NotHealthy);
      if (errors.length > missed.length) throw errors.find((error) => !(error instanceof NotHealthy));
      if (missed.length > 0) throw await unhealthy(world, missed, options);
    },
    hold: async (watched, forMs) => {
      const why = await holdOne(world, watched, { forMs, redact: options.redact });
      if (why === undefined) return;
      const missed = new NotHealthy({ ...watched, condition: "settled" }, why);
      throw await unhealthy(world, [missed], options);
    },
  };
}

/** Why a container did not stay well; undefined when it did. */
async function holdOne(
  { clock, engine }: World,
  { service, container }: Pick<Watched, "service" | "container">,
  { forMs, redact }: { forMs: number; redact: Redact },
): Promise<string | undefined> {
  const start = clock.now();
  let before: number | undefined;
  const wait = { what: `service ${service}`, withinMs: forMs + HOLD_LATE_MS, everyMs: HOLD_EVERY_MS, fix: "" };
  return until(clock, wait, async () => {
    const found = await engine.inspect(container);
    before ??= found?.restarts ?? 0;
    const why = found === undefined ? "it is gone" : lapse(withoutSecrets(found, redact), before);
    const leftMs = forMs - (clock.now() - start);
    // Our own question may have come before the engine's, and the daemon believes the engine.
    const isUnsaid = found?.health === "starting" && leftMs > -HOLD_LATE_MS / 2;
    const isOver = why !== undefined || (leftMs <= 0 && !isUnsaid);
    return isOver ? done(why) : pending("it is watched");
  });
}

function lapse(
  { state, health, exitCode, restarts, lastCheck }: InspectedContainer,
  before: number,
): string | undefined {
  if (state !== "running" || restarts > before) return `it ended with code ${exitCode} under traffic`;
  return health === "unhealthy" ? `it became unhealthy under traffic${said(lastCheck)}` : undefined;
}

class NotHealthy extends Error {
  readonly watched: Watched;

  constructor(watched: Watched, why: string) {
    super(why);
    this.watched = watched;
  }
}

async function reachOne(world: World, watched: Watched, { withinMs, redact }: WatchOptions): Promise<void> {
  const { clock, engine } = world;
  const wait = { what: `service ${watched.service}`, withinMs, everyMs: PROBE_EVERY_MS, fix: "" };
  const early = earlyProbe(world, watched);
  let before: number | undefined;
  let last = "nothing is known of it";
  const expired = (error: unknown) =>
    error instanceof TemporaryError && error.fix === "" ? new NotHealthy(watched, last) : error;
  const outcome = await until(clock, wait, async () => {
    const container = await engine.inspect(watched.container);
    before ??= container?.restarts ?? 0;
    const answer = reached(container && withoutSecrets(container, redact), watched.condition, before);
    if (answer.done) return answer;
    last = `${answer.why} after ${withinMs / 1000} s`;
    return container !== undefined && (await early(container)) ? done(true as const) : answer;
  }).catch((error: unknown) => {
    throw expired(error);
  });
  if (outcome instanceof WaitFailed) throw new NotHealthy(watched, outcome.why);
}

/** Before anything is cut to a length: half a secret would not be found any more. */
function withoutSecrets(container: InspectedContainer, redact: Redact): InspectedContainer {
  const { error, lastCheck } = container;
  return { ...container, error: redact(error), ...(lastCheck === undefined ? {} : { lastCheck: redact(lastCheck) }) };
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

async function unhealthy(
  world: World,
  missed: readonly NotHealthy[],
  { redact }: WatchOptions,
): Promise<UnhealthyError> {
  const problems = await Promise.all(
    missed.map(async ({ watched, message }) => {
      const lines = redact(await world.engine.logs(watched.container, LAST_LINES))
        .trimEnd()
        .split("\n");
      const shown = lines.length === 1 && lines[0] === "" ? ["(it printed nothing)"] : lines;
      return [`${watched.service}: ${message}; its last lines:`, ...shown.map((line) => `  | ${line}`)];
    }),
  );
  const names = missed.map(({ watched }) => watched.service);
  return new UnhealthyError(`stack: ${names.join(", ")} ${names.length === 1 ? "is" : "are"} not healthy`, {
    code: "stack.unhealthy",
    why: "each with its state and its last lines:",
    fix: `docker compose logs ${names[0] ?? ""} shows more; correct the cause, then boot again`,
    problems: problems.flat(),
  });
}

import type { Condition } from "../core/compose/stack.ts";
import { Hopeless, reached } from "../core/health.ts";
import { notYet, until } from "../core/retry.ts";
import { TemporaryError, UnhealthyError } from "../errors.ts";
import type { World } from "../world.ts";

const PROBE_EVERY_MS = 100;
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

async function reachOne({ clock, engine }: World, watched: Watched, { withinMs }: WatchOptions): Promise<void> {
  const wait = { what: `service ${watched.service}`, withinMs, everyMs: PROBE_EVERY_MS, fix: "" };
  let before: number | undefined;
  let last = "nothing is known of it";
  const expired = (error: unknown) =>
    error instanceof TemporaryError && error.fix === "" ? new Missed(watched, last) : error;
  const outcome = await until(clock, wait, async () => {
    const container = await engine.inspect(watched.container);
    before ??= container?.restarts ?? 0;
    const answer = reached(container, watched.condition, before);
    if (!answer.done) last = `${answer.because} after ${withinMs / 1000} s`;
    return answer.done ? answer : notYet(answer.because);
  }).catch((error: unknown) => {
    throw expired(error);
  });
  if (outcome instanceof Hopeless) throw new Missed(watched, outcome.because);
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

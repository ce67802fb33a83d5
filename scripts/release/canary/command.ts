import type { ParsedCommandLine } from "../../../node-agent/src/base/cli/command-spec.ts";
import { ConfigurationError, UsageError } from "../../../node-agent/src/base/errors.ts";
import { isSet, textOf } from "../../cli/command.ts";
import { progress } from "../../progress.ts";
import { idOf, readChannel } from "../channel.ts";
import type { Channel } from "../decisions.ts";
import { isSameRelease } from "../issue.ts";
import { EVERY_MS, NODE_WITHIN_MS } from "../move-fleet.ts";
import type { Publisher } from "../registry/publisher.ts";
import { tryCanary } from "./canary.ts";

export interface CanaryOptions {
  readonly forMs: number;
  readonly requests: number;
}

const DEFAULTS = { "watch-seconds": 300, "watch-requests": 500 };

/** What the command line says of a canary; undefined where it asks for none. */
export function canaryOptions(line: ParsedCommandLine): CanaryOptions | undefined {
  const given = (Object.keys(DEFAULTS) as Array<keyof typeof DEFAULTS>).filter(
    (name) => textOf(line, name) !== undefined,
  );
  if (!isSet(line, "canary")) {
    if (given.length > 0) throw invalid(`--${given.join(", --")} without --canary`);
    return undefined;
  }
  return { forMs: countOf(line, "watch-seconds") * 1_000, requests: countOf(line, "watch-requests") };
}

function countOf(line: ParsedCommandLine, name: keyof typeof DEFAULTS): number {
  const text = textOf(line, name) ?? String(DEFAULTS[name]);
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw invalid(`--${name} ${text}`);
}

function invalid(what: string): UsageError {
  return new UsageError(`deploy: ${what} cannot be`, {
    code: "usage.canary",
    why: "--watch-seconds and --watch-requests are numbers from 1 to 999999, and belong to --canary",
    fix: "./greenleaf deploy prod RELEASE --canary --watch-seconds 600",
  });
}

interface First extends CanaryOptions {
  readonly environment: string;
  readonly channel: Channel;
}

/** One node before the rest of an environment. Ctrl-C puts it back; a second one leaves it as it is. */
export async function canaryFirst(
  publisher: Publisher,
  { environment, channel, forMs, requests }: First,
): Promise<void> {
  const before = await readChannel(publisher, environment);
  const id = idOf(channel.current);
  if (channel.current === undefined || isSameRelease(channel.current, before.current))
    throw sameRelease(environment, id);
  const stop = new AbortController();
  const onSignal = () => stop.abort();
  process.once("SIGINT", onSignal).once("SIGTERM", onSignal);
  const times = { forMs, requests, everyMs: EVERY_MS, withinMs: NODE_WITHIN_MS };
  try {
    await progress.step(`${environment}: ${id} on a canary`, (log) =>
      tryCanary(publisher, { environment, before, wanted: channel, ...times, stop: stop.signal, log }),
    );
  } finally {
    process.off("SIGINT", onSignal).off("SIGTERM", onSignal);
  }
}

function sameRelease(environment: string, id: string): ConfigurationError {
  return new ConfigurationError(`deploy: ${environment} has ${id} already`, {
    code: "deploy.canary-same",
    why: "a canary runs another release than its neighbours",
    fix: `./greenleaf deploy ${environment} moves the nodes that do not run it yet`,
  });
}

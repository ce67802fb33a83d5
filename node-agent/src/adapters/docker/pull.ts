import type { Readable } from "node:stream";
import type Docker from "dockerode";
import type { PullOptions } from "../../core/stack/engine.ts";
import type { Heard } from "./connections.ts";
import { lineSplitter } from "./stream.ts";

interface PullEvent {
  id?: string;
  status?: string;
  error?: string;
  progressDetail?: { current?: number; total?: number };
}

const TELL_EVERY_MS = 2_000;

export interface Silence {
  readonly heard: Heard;
  /** Milliseconds without a byte for any pull after which this one is given up. */
  readonly afterMs: number;
}

/** Pulls an image to its last layer; one that stands still is told, and then given up. */
export async function pullImage(
  docker: Docker,
  { reference, options, silence }: { reference: string; options: PullOptions; silence: Silence },
): Promise<void> {
  const { platform, progress, auth } = options;
  const authconfig = auth && { username: auth.username, password: auth.password.reveal(), serveraddress: "" };
  const stop = Promise.withResolvers<never>();
  const watch = watchSilence(silence, { tell: (quiet) => progress(`pulling ${reference}: ${quiet}`), ...stop });
  try {
    const begun = docker.pull(reference, { ...(platform && { platform }), ...(authconfig && { authconfig }) });
    const stream = (await Promise.race([begun, stop.promise])) as Readable | undefined;
    // A registry that answers from cache can leave no stream at all.
    if (stream) await Promise.race([readToEnd(stream, teller(reference, progress)), stop.promise]);
  } finally {
    clearInterval(watch);
  }
}

function watchSilence(
  { heard, afterMs }: Silence,
  { tell, reject }: { tell: (quiet: string) => void; reject: (error: Error) => void },
): NodeJS.Timeout {
  heard.at = performance.now();
  let isTold = false;
  const judge = () => {
    const quietMs = performance.now() - heard.at;
    const quiet = `not a byte for ${Math.round(quietMs / 1_000)} s`;
    if (quietMs < afterMs / 4) isTold = false;
    else if (quietMs >= afterMs && isTold) reject(new Error(quiet));
    else tell(quiet);
    isTold ||= quietMs >= afterMs / 4;
  };
  // After a stall of this process timers run first: what arrived meanwhile is looked at before the verdict.
  return setInterval(() => setImmediate(judge), afterMs / 3);
}

/** The engine reports a failure inside the stream, under a status of 200. */
async function readToEnd(stream: Readable, onEvent: (event: PullEvent) => void): Promise<void> {
  let failure: string | undefined;
  const lines = lineSplitter((line) => {
    if (line === "") return;
    const event = JSON.parse(line) as PullEvent;
    failure ??= event.error;
    onEvent(event);
  });
  for await (const piece of stream) lines.write(piece as Buffer);
  lines.end();
  if (failure !== undefined) throw new Error(failure);
}

function teller(reference: string, progress: (message: string) => void): (event: PullEvent) => void {
  const layers = new Map<string, { current: number; total: number }>();
  let told = Date.now();
  return ({ id, progressDetail }) => {
    const { current, total } = progressDetail ?? {};
    if (id !== undefined && current !== undefined && total !== undefined) layers.set(id, { current, total });
    if (Date.now() - told < TELL_EVERY_MS || layers.size === 0) return;
    told = Date.now();
    progress(`pulling ${reference}: ${megabytes(layers)}`);
  };
}

function megabytes(layers: ReadonlyMap<string, { current: number; total: number }>): string {
  const sum = (field: "current" | "total") => [...layers.values()].reduce((bytes, layer) => bytes + layer[field], 0);
  return `${Math.round(sum("current") / 1e6)} of ${Math.round(sum("total") / 1e6)} MB`;
}

import type Docker from "dockerode";
import type { PullOptions } from "../core/engine.ts";

interface PullEvent {
  id?: string;
  status?: string;
  error?: string;
  progressDetail?: { current?: number; total?: number };
}

const TELL_EVERY_MS = 2_000;

/** Pulls an image to its last layer. The engine reports a failure inside the stream, under a status of 200. */
export async function pullImage(
  docker: Docker,
  reference: string,
  { platform, progress, auth }: PullOptions,
): Promise<void> {
  const authconfig = auth && { username: auth.username, password: auth.password.reveal(), serveraddress: "" };
  const stream = await docker.pull(reference, { ...(platform && { platform }), ...(authconfig && { authconfig }) });
  // A registry that answers from cache can leave no stream at all.
  if (!stream) return;
  const layers = new Map<string, { current: number; total: number }>();
  let told = Date.now();
  const onEvent = ({ id, progressDetail }: PullEvent) => {
    const { current, total } = progressDetail ?? {};
    if (id !== undefined && current !== undefined && total !== undefined) layers.set(id, { current, total });
    if (Date.now() - told < TELL_EVERY_MS || layers.size === 0) return;
    told = Date.now();
    progress(`pulling ${reference}: ${megabytes(layers)}`);
  };
  await new Promise<void>((resolve, reject) => {
    const finished = (error: Error | null, events: readonly PullEvent[] | null) => {
      const failed = events?.find((event) => event.error !== undefined);
      if (error ?? failed) reject(error ?? new Error(failed?.error));
      else resolve();
    };
    docker.modem.followProgress(stream, finished, onEvent);
  });
}

function megabytes(layers: ReadonlyMap<string, { current: number; total: number }>): string {
  const sum = (field: "current" | "total") => [...layers.values()].reduce((bytes, layer) => bytes + layer[field], 0);
  return `${Math.round(sum("current") / 1e6)} of ${Math.round(sum("total") / 1e6)} MB`;
}

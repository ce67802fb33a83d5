import { DAEMON_SOCKET } from "../../base/paths.ts";
import type { Known } from "../../core/node/status/status-text.ts";
import type { World } from "../../world.ts";

const ANSWER_MS = 2_000;

/** What the daemon of this root says; undefined where none answers. */
export async function askDaemon({ files, askSocket }: World): Promise<Known["live"] | undefined> {
  const socketPath = files.path(DAEMON_SOCKET);
  try {
    const { status, body } = await askSocket({ socketPath, path: "/status", timeoutMs: ANSWER_MS });
    return status === 200 ? (JSON.parse(body) as Known["live"]) : undefined;
  } catch {
    // Not running, or killed and its socket left behind: the same to who asks.
    return undefined;
  }
}

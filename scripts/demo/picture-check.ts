import { type Clock, done, pending, until } from "../../node-agent/src/base/wait.ts";
import { reasonOf } from "./admin-client.ts";

const GONE = new Set([403, 404, 410]);

/** True when a browser would get the picture; false when the store says it has none. Another answer is asked again. */
export async function hasPicture(clock: Clock, url: string): Promise<boolean> {
  const wait = {
    what: `an answer for the picture ${url}`,
    withinMs: 20_000,
    everyMs: 1000,
    fix: "see ./greenleaf status: Caddy and the S3 store must be up",
  };
  return until(clock, wait, async () => {
    const answer = await ask(url);
    if (answer instanceof Error) return pending(reasonOf(answer));
    if (GONE.has(answer.status)) return done(false);
    return answer.ok ? done(true) : pending(`HTTP ${answer.status}`);
  });
}

async function ask(url: string): Promise<Response | Error> {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(10_000) });
    await answer.body?.cancel();
    return answer;
  } catch (error) {
    return error instanceof Error ? error : new Error(String(error));
  }
}

import { connect, type NetConnectOpts } from "node:net";
import { Fuzz } from "./fuzz.ts";
import { exchange, request, statusOf } from "./wire.ts";

export interface Fuzzing {
  readonly seed: number;
  readonly count: number;
}

/** Requests sent at once: fewer than the daemon takes, or most would be closed unread. */
const AT_ONCE = 24;
const ANSWER_MS = 2_000;

/** Sends that many requests to a listener and gives how often it answered what; 0 stands for nothing. */
export async function fuzzListener(where: NetConnectOpts, { seed, count }: Fuzzing): Promise<Map<number, number>> {
  const fuzz = new Fuzz(seed);
  const answers = new Map<number, number>();
  let sent = 0;
  const turn = async () => {
    while (sent < count) {
      sent += 1;
      const status = statusOf(await lastWords(where, fuzz.request())) ?? 0;
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, turn));
  return answers;
}

/** Sends bytes and says that nothing more will come, so that what is not whole is not waited for. */
function lastWords(where: NetConnectOpts, bytes: Buffer): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(where);
    let text = "";
    const timer = setTimeout(() => socket.destroy(), ANSWER_MS);
    socket.setEncoding("latin1").on("data", (chunk: string) => (text = (text + chunk).slice(0, 200)));
    socket
      .on("error", () => undefined)
      .on("close", () => {
        clearTimeout(timer);
        resolve(text);
      });
    socket.end(bytes);
  });
}

/** What a listener says to a proper question, after all of that. */
export const healthOf = async (where: NetConnectOpts): Promise<number | undefined> =>
  statusOf(await exchange(where, request("GET /healthz HTTP/1.1"), 60_000));

import { Agent, request } from "node:http";

export interface Load {
  /** Failures so far, each in words. */
  readonly failures: readonly string[];
  /** How often each version answered, as in `backend two`. */
  readonly versions: ReadonlyMap<string, number>;
  /** How long each answer that was well took, in milliseconds, in the order of their ends. */
  readonly latencies: readonly number[];
  sent(): number;
  /** Ends the sending, waits for what is under way, and gives how many were sent. */
  stop(): Promise<number>;
}

/** Requests a second, unless it is told otherwise. */
const RATE = 50;
const BODIES = ["", "x".repeat(200), "y".repeat(40_000)];
const PATHS = ["/store/fast", "/fast", "/store/slow", "/slow"];

/** An open-loop client: so many requests a second whatever becomes of them, kept-alive connections, and no retry. */
export function startLoad(port: number, perSecond = RATE): Load {
  const everyMs = 1000 / perSecond;
  const agent = new Agent({ keepAlive: true, maxSockets: 4 * perSecond });
  const failures: string[] = [];
  const latencies: number[] = [];
  const versions = new Map<string, number>();
  const open = new Set<Promise<void>>();
  const start = Date.now();
  let sent = 0;
  // What a busy machine makes late is sent in one go.
  const timer = setInterval(() => {
    for (; sent * everyMs < Date.now() - start; sent += 1) {
      const asked = performance.now();
      const one = ask(agent, port, sent).then(
        (version) => {
          latencies.push(performance.now() - asked);
          versions.set(version, (versions.get(version) ?? 0) + 1);
        },
        (error: Error) => void failures.push(error.message),
      );
      open.add(one);
      void one.finally(() => open.delete(one));
    }
  }, everyMs);
  return {
    failures,
    latencies,
    versions,
    sent: () => sent,
    stop: async () => {
      clearInterval(timer);
      await Promise.all(open);
      agent.destroy();
      return sent;
    },
  };
}

/** Sends one request, every second one with a body, and gives who answered; whoever lost a byte of it failed. */
function ask(agent: Agent, port: number, index: number): Promise<string> {
  const body = index % 2 === 0 ? "" : (BODIES[index % BODIES.length] ?? "");
  const path = PATHS[index % PATHS.length] ?? "/";
  const method = index % 2 === 0 ? "GET" : "POST";
  const what = `${method} ${path} with ${body.length} bytes`;
  return new Promise((resolve, reject) => {
    const sending = request({ agent, host: "127.0.0.1", port, path, method, timeout: 30_000 }, (answer) => {
      let text = "";
      answer.setEncoding("utf8").on("data", (chunk: string) => (text += chunk));
      answer.on("error", (error) => reject(new Error(`${what}: ${error.message}`)));
      answer.on("end", () => {
        const [name, version, bytes] = text.split(" ");
        const isWhole = answer.statusCode === 200 && Number(bytes) === body.length;
        if (isWhole) resolve(`${name} ${version}`);
        else reject(new Error(`${what}: ${answer.statusCode} ${text.slice(0, 80)}`));
      });
    });
    sending.on("timeout", () => sending.destroy(new Error("no answer in 30 s")));
    sending.on("error", (error) => reject(new Error(`${what}: ${error.message}`)));
    sending.end(body);
  });
}

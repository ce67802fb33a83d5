// Inside the VPC: the application load balancer. It asks each target for /healthz, sends a request to the healthy target
// with the fewest outstanding ones, tries none twice, and takes customers at a socket file. Each line on stdin is answered
// with the targets' states. What it is told of time stands in terraform/modules/balancer, five times as fast.
import { createServer, type IncomingMessage, request, type ServerResponse } from "node:http";
import { createInterface } from "node:readline";

interface Target {
  readonly host: string;
  isHealthy: boolean;
  /** Answers of the same kind in a row, which differ from the state. */
  streak: number;
  outstanding: number;
  requests: number;
}

const EVERY_MS = 2_000;
const CHECK_MS = 1_000;
/** The real one gives a target ten seconds to take a connection. */
const CONNECT_MS = 2_000;
const ANSWER_MS = 20_000;
const HEALTHY_AFTER = 2;
const UNHEALTHY_AFTER = 3;

const [path = "", port, ...hosts] = process.argv.slice(2);
const targets = hosts.map((host): Target => ({ host, isHealthy: false, streak: 0, outstanding: 0, requests: 0 }));

async function check(target: Target): Promise<void> {
  const answer = await fetch(`http://${target.host}:${port}/healthz`, { signal: AbortSignal.timeout(CHECK_MS) }).catch(
    () => undefined,
  );
  await answer?.arrayBuffer().catch(() => undefined);
  const isWell = answer?.status === 200;
  target.streak = isWell === target.isHealthy ? 0 : target.streak + 1;
  if (target.streak < (isWell ? HEALTHY_AFTER : UNHEALTHY_AFTER)) return;
  Object.assign(target, { isHealthy: isWell, streak: 0 });
}

function pass(incoming: IncomingMessage, outgoing: ServerResponse): void {
  const [target] = targets
    .filter(({ isHealthy }) => isHealthy)
    .toSorted((a, b) => a.outstanding - b.outstanding || a.requests - b.requests);
  if (target === undefined) return void outgoing.writeHead(503).end();
  target.outstanding += 1;
  target.requests += 1;
  const { method, url, headers } = incoming;
  const more = { "x-forwarded-proto": "https", "x-forwarded-for": "203.0.113.200" };
  const sent = request({ host: target.host, port, method, path: url, headers: { ...headers, ...more }, agent: false });
  const fail = (status: number) => {
    if (!outgoing.headersSent) outgoing.writeHead(status);
    outgoing.end();
    sent.destroy();
  };
  sent.on("socket", (socket) => {
    const timer = setTimeout(() => fail(504), CONNECT_MS);
    socket.once("connect", () => clearTimeout(timer));
    socket.once("close", () => clearTimeout(timer));
  });
  sent.setTimeout(ANSWER_MS, () => fail(504));
  sent.on("error", () => fail(502));
  sent.on("close", () => void (target.outstanding -= 1));
  sent.on("response", (answer) => {
    outgoing.writeHead(answer.statusCode ?? 502, { ...answer.headers, "x-target": target.host });
    answer.on("error", () => outgoing.destroy()).pipe(outgoing);
  });
  incoming.pipe(sent);
}

for (const target of targets) setInterval(() => void check(target), EVERY_MS);
createServer(pass).listen(path, () => process.stdout.write("ready\n"));
createInterface({ input: process.stdin }).on("line", () => {
  const told = targets.map(({ host, isHealthy, requests }) => ({ host, isHealthy, requests }));
  process.stdout.write(`${JSON.stringify(told)}\n`);
});

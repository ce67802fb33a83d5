import { Agent, request } from "node:http";
import { setTimeout as sleep } from "node:timers/promises";
import { median } from "../support/quantile.ts";

// Requests per second and latency of the shop's pages through Caddy, and of the same pages without it (straight to the
// storefront's container). Needs a running shop: sudo ./greenleaf up. Interleaved rounds; medians are printed.
const SHOP = process.env.GREENLEAF_SHOP_URL ?? "http://localhost:8080";
const CONNECTIONS = 8;
const ROUND_MS = 4000;
const ROUNDS = 3;
/** Requests a second that leave the machine room. */
const STEADY = 100;

interface Round {
  readonly perSecond: number;
  readonly p99: number;
  readonly failures: number;
}

function get(url: string, agent: Agent, headers: Readonly<Record<string, string>>): Promise<number> {
  return new Promise((resolve, reject) => {
    request(url, { agent, headers }, (response) => {
      response.resume().on("end", () => resolve(response.statusCode ?? 0));
    })
      .on("error", reject)
      .end();
  });
}

interface Load {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  /** Requests a second; without it each connection asks again as soon as it was answered. */
  readonly rate?: number;
}

async function round({ url, headers, rate }: Load): Promise<Round> {
  const agent = new Agent({ keepAlive: true, maxSockets: CONNECTIONS });
  const took: number[] = [];
  let failures = 0;
  const begin = performance.now();
  const end = begin + ROUND_MS;
  let asked = 0;
  const client = async () => {
    while (performance.now() < end) {
      // Latency counts from when the request was due, so that a stalled answer is not hidden by asking later.
      const start = rate === undefined ? performance.now() : begin + (asked * 1000) / rate;
      asked += 1;
      if (start > performance.now()) await sleep(start - performance.now());
      const status = await get(url, agent, headers).catch(() => 0);
      took.push(performance.now() - start);
      if (status !== 200) failures += 1;
    }
  };
  await Promise.all(Array.from({ length: CONNECTIONS }, client));
  agent.destroy();
  took.sort((a, b) => a - b);
  return { perSecond: (took.length * 1000) / ROUND_MS, p99: took[Math.floor(took.length * 0.99)] ?? 0, failures };
}

async function storefrontAddress(): Promise<string> {
  const { execFileSync } = await import("node:child_process");
  const template = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
  const address = execFileSync("docker", ["inspect", "--format", template, "greenleaf-storefront-1"], {
    encoding: "utf8",
  });
  return `http://${address.trim()}:3000`;
}

const direct = await storefrontAddress();
const host = { host: new URL(SHOP).host };
const PAGES = [
  ["home", "/"],
  ["product", "/plants/monstera"],
  ["cart", "/cart"],
] as const;

const figures = (rounds: readonly Round[]) => ({
  rps: median(rounds.map(({ perSecond }) => perSecond)),
  p99: median(rounds.map(({ p99 }) => p99)),
});

const column = ({ rps, p99 }: { rps: number; p99: number }) =>
  `${rps.toFixed(0).padStart(8)} req/s ${p99.toFixed(1).padStart(8)} ms`;

async function compare(title: string, load: Pick<Load, "rate">): Promise<void> {
  console.log(`\n${title}`);
  console.log("page          through Caddy        p99      without Caddy        p99    p99 ratio  failures");
  for (const [name, path] of PAGES) {
    const through: Round[] = [];
    const without: Round[] = [];
    for (let index = 0; index < ROUNDS; index += 1) {
      through.push(await round({ url: `${SHOP}${path}`, headers: {}, ...load }));
      without.push(await round({ url: `${direct}${path}`, headers: host, ...load }));
    }
    const [a, b] = [figures(through), figures(without)];
    const failures = [...through, ...without].reduce((sum, one) => sum + one.failures, 0);
    console.log(
      `${name.padEnd(9)} ${column(a)}   ${column(b)}   ${(a.p99 / b.p99).toFixed(2).padStart(6)}  ${String(failures).padStart(8)}`,
    );
  }
}

console.log(`${CONNECTIONS} connections, ${ROUNDS} rounds of ${ROUND_MS / 1000} s each, medians`);
await compare("as fast as it goes; client, Caddy and shop share this machine's cores", {});
await compare(`at ${STEADY} requests a second`, { rate: STEADY });

import { spawn } from "node:child_process";
import { createServer, request } from "node:http";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, beforeAll, expect, test } from "vitest";
import { tryCanary } from "../../scripts/release/canary/canary.ts";
import { canaryHistory } from "../../scripts/release/canary/record.ts";
import { AGENT } from "../../scripts/release/in-place.ts";
import { whyNoFront } from "../safe/front.ts";
import { canaryFleet, type Run } from "../support/canary-fleet.ts";
import { prefixReaper } from "../support/reaper.ts";
import { documentWith, memoryPublisher } from "../support/release-aws.ts";
import { served } from "../support/served.ts";
import { startLoad } from "./load.ts";
import { newSmallShop, type SmallShop } from "./small-shop.ts";

const PROJECT = `gl-canary-${process.pid}`;
const IDS = ["i-a", "i-b", "i-c"] as const;
const MAIN = join(import.meta.dirname, "../../node-agent/src/main.ts");
const PARAMETER = "/greenleaf/prod/canary";
const reaper = prefixReaper(PROJECT);
const reason = await whyNoFront();

const shops = new Map<string, SmallShop>();
const running = new Map<string, string>(IDS.map((id) => [id, "old"]));

beforeAll(async () => {
  if (reason !== undefined) return;
  for (const id of IDS) shops.set(id, await newSmallShop(`${PROJECT}-${id}`));
  for (const shop of shops.values()) await shop.apply({});
});
afterAll(async () => {
  for (const shop of shops.values()) await shop.remove();
  await reaper.finish();
});

/** What stands for the load balancer: each node in its turn, and nothing is tried again. */
async function balancer(): Promise<number> {
  const ports = [...shops.values()].map(({ port }) => port);
  let turn = 0;
  const server = createServer((asked, answer) => {
    const { method, url: path, headers } = asked;
    const passed = request(
      { host: "127.0.0.1", port: ports[(turn += 1) % ports.length], method, path, headers },
      (told) => {
        answer.writeHead(told.statusCode ?? 502, told.headers);
        told.pipe(answer);
      },
    );
    passed.on("error", () => answer.writeHead(502).end());
    asked.pipe(passed);
  });
  return Number(new URL(await served(server)).port);
}

/** A node of the fleet: its boot is the agent's own rollout, its traffic the log of its own Caddy. */
async function run(id: string, line: string): Promise<Run> {
  const shop = shops.get(id);
  if (shop === undefined) return { code: 1, stdout: "" };
  if (line.includes(" traffic")) return traffic(shop, id, line);
  const release = line.includes(PARAMETER) ? "new" : "old";
  await shop.apply(release === "new" ? { backend: { VERSION: release, MODE: "flaky" } } : {});
  running.set(id, release);
  return { code: 0, stdout: JSON.stringify({ boot: { verdict: "ready", release } }) };
}

/** The very lines that Run Command is given; three nodes of one engine are told apart by their projects. */
function traffic(shop: SmallShop, id: string, line: string): Promise<Run> {
  const own = line
    .replace("service=caddy", `service=caddy --filter label=com.docker.compose.project=${PROJECT}-${id}`)
    .replace(AGENT, `${process.execPath} ${MAIN}`);
  const child = spawn("sh", ["-c", `${own} --root ${shop.folder}`]);
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => (stdout += text));
  return new Promise((resolve, reject) => {
    child.on("error", reject).on("close", (code) => {
      // These nodes have no status file: what it would say is put beside the counts.
      const told = stdout === "" ? {} : (JSON.parse(stdout) as object);
      resolve({ code: code ?? 1, stdout: JSON.stringify({ verdict: "ready", release: running.get(id), ...told }) });
    });
  });
}

test.skipIf(reason)("a release that fails 5 % of its requests goes back, and never reaches a second node", async () => {
  const fleet = await canaryFleet(IDS, run);
  const load = startLoad(await balancer(), 30);
  const publisher = memoryPublisher(fleet.account, { "/greenleaf/prod/release": documentWith("old") });
  const log: string[] = [];
  const error: unknown = await tryCanary(publisher, {
    environment: "prod",
    before: { current: documentWith("old"), previous: undefined },
    wanted: { current: documentWith("new"), previous: documentWith("old") },
    forMs: 300_000,
    requests: 500,
    everyMs: 1_000,
    withinMs: 180_000,
    stop: new AbortController().signal,
    log: (text) => void log.push(text),
  }).catch((thrown: unknown) => thrown);
  expect(log[0], "said before anything is done").toBe("i-a in z, beside i-b, i-c");
  expect(error).toMatchObject({
    code: "deploy.canary-back",
    why: expect.stringMatching(/^[\d.]+ % of its \d+ requests failed, 0\.0 % of/),
  });
  expect(fleet.told).toEqual([`i-a boot ssm:${PARAMETER}`, "i-a boot"]);
  expect([...running.values()]).toEqual(["old", "old", "old"]);
  expect(await canaryHistory(publisher, "prod")).toMatchObject([{ node: "i-a", result: "back" }]);
  // What it cost is a few requests of one node's; since it went back there are no more of them.
  const flawed = () => load.failures.filter((failure) => failure.includes(" 500 backend new")).length;
  const before = flawed();
  await sleep(3_000);
  await load.stop();
  expect([before > 0, flawed()]).toEqual([true, before]);
});

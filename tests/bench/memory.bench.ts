import { spawn } from "node:child_process";
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { bootingStatus, finishedStatus } from "../../node-agent/src/core/node/status/status.ts";
import { buildAgent } from "../../scripts/build-agent.ts";
import { freePort, startAgent } from "../support/agent-process.ts";
import { startFakeImds } from "../support/fake-imds.ts";
import { newTestNode } from "../support/test-node.ts";

/** Design 5: what stays on an app node, and how much of a processor it takes while nothing happens. */
const TARGET = { residentMb: 80, cpuPercent: 0.5 };
const SECONDS = Number(process.env.BENCH_SECONDS ?? 120);
const REQUESTS = 2_000;
/** Clock ticks a second in proc(5); fixed for user space on Linux. */
const TICKS = 100;

interface Measured {
  residentMb: number;
  peakMb: number;
  cpuPercent: number;
}

const folder = await mkdtemp(join(tmpdir(), "gl-bench-"));
const imds = await startFakeImds();
imds.paths.set("meta-data/instance-life-cycle", "spot");
const node = newTestNode({ imds: imds.url, aws: "http://127.0.0.1:9" });
try {
  await buildAgent(folder);
  const services = ["backend", "worker", "storefront", "caddy"];
  for (const service of services) node.start(service);
  const booting = bootingStatus(undefined, { agent: "bench", at: new Date() });
  node.writeStatus(finishedStatus(booting, { verdict: "ready", results: [], services, at: new Date() }));
  const port = await freePort();
  const agent = await measure(
    [...(await unitFlags()), join(folder, "main.js"), "serve", "--root", node.root, "--port", String(port)],
    port,
  );
  const barePort = await freePort();
  const bare = await measure(
    ["-e", `require("http").createServer((q, a) => a.end("{}")).listen(${barePort}, "127.0.0.1")`],
    barePort,
  );
  const rows: Array<[string, Measured | undefined]> = [
    ["daemon, app node", agent],
    ["bare node:http server", bare],
    ["aws --version (aws-cli)", await awsCli()],
  ];
  print(rows);
  const missed = agent.residentMb > TARGET.residentMb || agent.cpuPercent > TARGET.cpuPercent;
  process.exitCode = missed ? 1 : 0;
} finally {
  node.remove();
  await imds.close();
  await rm(folder, { recursive: true });
}

/** What the agent's unit gives Node, so that what is measured is what stays on a node. */
async function unitFlags(): Promise<string[]> {
  const unit = await readFile(join(import.meta.dirname, "../../node-agent/systemd/greenleaf-agent.service"), "utf8");
  const [, ...words] = /^ExecStart=(.*)$/m.exec(unit)?.[1]?.split(" ") ?? [];
  return words.filter((word) => word.startsWith("--"));
}

/** Answers some thousand requests, then idles; memory is read at the end, processor time over the idle stretch. */
async function measure(argv: readonly string[], port: number): Promise<Measured> {
  const { child, ended } = startAgent([], argv);
  const pid = child.pid ?? 0;
  await answering(port);
  for (let sent = 0; sent < REQUESTS; sent += 1)
    await ask(port, ["/healthz", "/status", "/metrics", "/"][sent % 4] ?? "/");
  await sleep(5_000);
  const before = await cpuTicks(pid);
  await sleep(SECONDS * 1_000);
  const cpuPercent = ((await cpuTicks(pid)) - before) / TICKS / SECONDS / 0.01;
  const memory = await readFile(`/proc/${pid}/status`, "utf8");
  child.kill("SIGTERM");
  await ended;
  return { residentMb: kilobytes(memory, "VmRSS") / 1024, peakMb: kilobytes(memory, "VmHWM") / 1024, cpuPercent };
}

async function answering(port: number): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt += 1) {
    if (
      await ask(port, "/livez").then(
        () => true,
        () => false,
      )
    )
      return;
    await sleep(50);
  }
  throw new Error(`nothing answers on port ${port}`);
}

function ask(port: number, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    request({ port, host: "127.0.0.1", path }, (answer) => answer.resume().on("end", resolve))
      .on("error", reject)
      .end();
  });
}

function kilobytes(text: string, field: string): number {
  return Number(new RegExp(`${field}:\\s+(\\d+)`).exec(text)?.[1]);
}

async function cpuTicks(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, "utf8");
  const fields = text.slice(text.lastIndexOf(")") + 2).split(" ");
  return Number(fields[11]) + Number(fields[12]);
}

/** Its peak while it does nothing but say its version; undefined where Debian's awscli is not installed. */
async function awsCli(): Promise<Measured | undefined> {
  const program =
    "import resource,subprocess;subprocess.run(['aws','--version'],stdout=-3,check=True);print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)";
  const child = spawn("python3", ["-c", program], { stdio: ["ignore", "pipe", "ignore"] });
  let out = "";
  child.stdout.on("data", (chunk) => (out += chunk));
  const code = await new Promise<number | null>((resolve) => child.on("close", resolve).on("error", () => resolve(1)));
  if (code !== 0) return undefined;
  const peakMb = Number(out) / 1024;
  return { residentMb: peakMb, peakMb, cpuPercent: Number.NaN };
}

function print(rows: ReadonlyArray<[string, Measured | undefined]>): void {
  const line = (cells: readonly string[]) =>
    `${cells[0]?.padEnd(28)}${cells
      .slice(1)
      .map((cell) => cell.padStart(12))
      .join("")}\n`;
  process.stdout.write(line(["", "resident MB", "peak MB", "idle CPU %"]));
  for (const [name, measured] of rows) {
    if (measured === undefined) process.stdout.write(`${name.padEnd(28)}  skipped: apt-get install awscli\n`);
    else {
      const { residentMb, peakMb, cpuPercent } = measured;
      const cpu = Number.isNaN(cpuPercent) ? "-" : cpuPercent.toFixed(2);
      process.stdout.write(line([name, residentMb.toFixed(1), peakMb.toFixed(1), cpu]));
    }
  }
  process.stdout.write(
    `target: resident <= ${TARGET.residentMb} MB, idle <= ${TARGET.cpuPercent} % of a core, over ${SECONDS} s\n`,
  );
}
